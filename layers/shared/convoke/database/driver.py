"""Tunes pg8000 sessions: private attributes of the driver are used in this file alone.

- Executes statements without the driver's search for parameters, which reads each character: a millisecond
  of processor time for ten kilobytes. Here the search is done once for each text.
- Keeps statements executed with the option `prepared` as named statements of the session (PostgreSQL,
  "Extended Query"): parsed, described and planned once, and one round trip instead of three
  (docs/decisions/0035).
- Sends small packets at once, sends COMMIT in one round trip, and recognises a connection that the server
  has closed.
"""

import select
import socket
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import pg8000
from pg8000.converters import make_params
from pg8000.dbapi import convert_paramstyle
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError

from convoke.database.sqlstates import read_sqlstate

#: A key of Connection.info, which lives as long as the session.
_KEPT = "prepared_statements"
#: Violations of unique indexes have a class of their own in the driver.
_UNIQUE_VIOLATION = "23505"
#: "cached plan must not change result type": a migration has added a column to what the statement returns.
_RESULT_CHANGED = "0A000"


class _Kept(NamedTuple):
    name: bytes
    columns: Any
    read_value: Any


def tune_sessions(engine: Engine) -> None:
    """Apply everything in this module to the engine's sessions."""
    event.listen(engine, "connect", _send_small_packets_at_once)
    event.listen(engine, "checkout", _ensure_open)
    event.listen(engine, "do_execute", _execute)
    # pg8000 sends COMMIT as if it had parameters: three round trips.
    engine.dialect.do_commit = _commit_in_one_trip  # type: ignore[assignment]


def _send_small_packets_at_once(driver_connection: Any, _record: object) -> None:
    # pg8000 leaves Nagle's algorithm on: statements of some tens of kilobytes then stall for 40 ms.
    driver_connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _commit_in_one_trip(driver_connection: Any) -> None:
    driver_connection.execute_simple("commit")


def _ensure_open(driver_connection: Any, _record: object, _proxy: object) -> None:
    # An idle server sends nothing: readable data is its last message, or the end of the connection. Nothing
    # has been sent yet, so the pool can safely make another one. No round trip, unlike a ping.
    poll = select.poll()
    poll.register(driver_connection._usock, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server has ended the connection while it was idle")


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> Literal[True] | None:
    session = cursor._c
    if not parameters or cursor._input_oids:
        # Simple queries, and those whose types SQLAlchemy declares, stay with the driver.
        return None
    prepared = context.execution_options.get("prepared")
    kept: dict[str, _Kept] = context.root_connection.info.setdefault(_KEPT, {})
    try:
        # As in the driver's own cursor.
        if not session.autocommit and not session._in_transaction:
            session.execute_simple("begin transaction")
        try:
            cursor._context = (
                _run(session, kept, statement, parameters)
                if prepared
                else session.execute_unnamed(number_parameters(statement), vals=parameters)
            )
        except pg8000.exceptions.DatabaseError as error:
            if read_sqlstate(error) != _RESULT_CHANGED or kept.pop(statement, None) is None:
                raise
            # The statement has not run. A transaction is lost, though; its retry prepares the statement anew.
            if session._in_transaction:
                raise
            cursor._context = _run(session, kept, statement, parameters)
    except AttributeError as error:
        if session._sock is None:
            raise pg8000.InterfaceError("connection is closed") from error
        raise
    except pg8000.exceptions.DatabaseError as error:
        unique = read_sqlstate(error) == _UNIQUE_VIOLATION
        raise (pg8000.IntegrityError if unique else pg8000.ProgrammingError)(*error.args) from None
    cursor._row_iter = iter(cursor._context.rows or ())
    return True


def _run(session: Any, kept: dict[str, _Kept], statement: str, parameters: Any) -> Any:
    if statement not in kept:
        kept[statement] = _Kept(*session.prepare_statement(number_parameters(statement), ()))
    name, columns, read_value = kept[statement]
    values = make_params(session.py_types, parameters)
    return session.execute_named(name, values, columns, read_value, statement)


@lru_cache
def number_parameters(statement: str) -> str:
    """Return the statement with $1, $2 … in place of %s."""
    numbered: str = convert_paramstyle("format", statement, ())[0]
    return numbered
