"""How statements reach the server: without a search for their parameters, and some of them in one trip.

pg8000 makes three trips for a statement with parameters, has the server parse and plan it every time, and
looks for the parameters character by character: a millisecond of processor time for ten kilobytes. Here the
search is made once for each text. And what was executed with the option `prepared` is a named statement of
the session (PostgreSQL, "Extended Query"): parsed, described and planned once (docs/decisions/0035).
"""

from functools import lru_cache
from typing import Any, Literal, NamedTuple

import pg8000
from pg8000.converters import make_params
from pg8000.dbapi import convert_paramstyle
from sqlalchemy import event
from sqlalchemy.engine import Engine

#: In Connection.info, which lives as long as the session.
_KEPT = "prepared_statements"
#: Violations of unique indexes have a class of their own in the driver.
_UNIQUE_VIOLATION = "23505"
#: "cached plan must not change result type": a migration has added a column to what the statement returns.
_RESULT_CHANGED = "0A000"


class _Kept(NamedTuple):
    name: bytes
    columns: Any
    read_value: Any


def execute_directly(engine: Engine) -> None:
    """Do so on the engine's sessions."""
    event.listen(engine, "do_execute", _execute)


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> Literal[True] | None:
    session = cursor._c
    if not parameters or cursor._input_oids:
        # Simple queries, and those whose types SQLAlchemy tells: not ours.
        return None
    prepared = context.execution_options.get("prepared")
    kept: dict[str, _Kept] = context.root_connection.info.setdefault(_KEPT, {})
    try:
        # As the driver's own cursor does it.
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
            # Before anything was done. A transaction is lost, though; whoever repeats it will find it new.
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


def read_sqlstate(error: BaseException | None) -> str | None:
    """The SQLSTATE with which PostgreSQL named a driver error; None when it was not the server's."""
    details = error.args[0] if error is not None and error.args else None
    return details.get("C") if isinstance(details, dict) else None


@lru_cache
def number_parameters(statement: str) -> str:
    """The statement with $1, $2 … in place of %s."""
    numbered: str = convert_paramstyle("format", statement, ())[0]
    return numbered
