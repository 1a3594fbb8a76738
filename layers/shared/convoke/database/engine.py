"""The way to PostgreSQL: an engine that survives what pg8000 does not, and two ways to use it.

`transaction(engine)` is BEGIN … COMMIT; `autocommit(engine)` makes each statement its own transaction,
which saves two round trips where there is just one.
"""

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError

from convoke.database.prepared_statements import execute_directly, read_sqlstate
from convoke.errors import DatabaseUnavailableError

#: SQLSTATE classes that mean "not now": connection failure, sign-in, resources, shutdown, system errors.
_UNAVAILABLE_CLASSES = ("08", "28", "53", "57", "58")
#: Serialization, deadlock: to be run again as a whole (PostgreSQL documentation, 13.5). So is what met a
#: prepared statement from before a migration.
_UNDONE_STATES = ("40001", "40P01", "0A000")
#: These, a lock timeout, an idle transaction.
_UNAVAILABLE_STATES = (*_UNDONE_STATES, "55P03", "25P03")
#: How much longer than the server we wait for its answer, and for a connection.
NETWORK_SLACK_SECONDS = 2


def make_engine(url: str, *, timeout_seconds: float, application_name: str) -> Engine:
    """An engine with one connection: a Lambda environment serves one request at a time.

    `url` is postgresql://… (the driver is always pg8000). No statement and no answer takes longer than
    `timeout_seconds` (the socket a little more, so that the server's own error comes first). Connects
    at first use.
    """
    timeout_milliseconds = str(int(timeout_seconds * 1000))
    engine = create_engine(
        make_url(url).set(drivername="postgresql+pg8000"),
        pool_size=1,
        max_overflow=0,
        pool_recycle=900,
        # Error messages end in logs; the values of a statement are what people typed.
        hide_parameters=True,
        connect_args={
            "timeout": timeout_seconds + NETWORK_SLACK_SECONDS,
            "application_name": application_name,
            # Start-up parameters cost no round trip and bind every transaction of the session.
            "startup_params": {
                "statement_timeout": timeout_milliseconds,
                "lock_timeout": timeout_milliseconds,
                "idle_in_transaction_session_timeout": timeout_milliseconds,
                "TimeZone": "UTC",
                # Statements take milliseconds: compiling one or starting workers for it takes longer.
                "jit": "off",
                "max_parallel_workers_per_gather": "0",
                # Planning the creating statement takes longer than running it, and its plan is the same for
                # one participant and a hundred thousand (docs/decisions/0035).
                "plan_cache_mode": "force_generic_plan",
            },
        },
    )
    event.listen(engine, "connect", _send_small_packets_at_once)
    event.listen(engine, "checkout", _refuse_what_the_server_has_ended)
    event.listen(engine, "handle_error", _discard_connection_in_doubt)
    execute_directly(engine)
    # pg8000 sends COMMIT as if it had parameters: three round trips.
    engine.dialect.do_commit = _commit_in_one_trip  # type: ignore[assignment]
    return engine


def report_connects(engine: Engine, report: Callable[[float], None]) -> None:
    """Call `report` with the milliseconds that it took, each time a connection has been made."""
    began = time.perf_counter()

    def start(*_: object) -> None:
        nonlocal began
        began = time.perf_counter()

    # First of all: one of the others may make the connection.
    event.listen(engine, "do_connect", start, insert=True)
    event.listen(engine, "connect", lambda *_: report((time.perf_counter() - began) * 1000))


def _send_small_packets_at_once(driver_connection: Any, _record: object) -> None:
    # pg8000 leaves Nagle's algorithm on: statements of some tens of kilobytes then stall for 40 ms.
    driver_connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _commit_in_one_trip(driver_connection: Any) -> None:
    driver_connection.execute_simple("commit")


def _refuse_what_the_server_has_ended(driver_connection: Any, _record: object, _proxy: object) -> None:
    # An idle server is silent: what there is to read is its farewell, or the end of the connection. Nothing
    # has been sent yet, so the pool can safely make another one. No round trip, unlike a ping.
    poll = select.poll()
    poll.register(driver_connection._usock, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server has ended the connection while it was idle")


def _discard_connection_in_doubt(context: ExceptionContext) -> None:
    # pg8000 encodes parameters after it has asked the server a question. When that fails on our side,
    # the answer stays unread, and the next query would get it: another caller's row. Only an error that
    # the server itself sent (it has a SQLSTATE) leaves the connection in step.
    if sqlstate(context.original_exception) is None:
        context.is_disconnect = True


def sqlstate(error: BaseException | None) -> str | None:
    """The five characters with which PostgreSQL named the error; None when it was not the server's."""
    return read_sqlstate(error.orig if isinstance(error, DBAPIError) else error)


def constraint_name(error: DBAPIError) -> str | None:
    """The constraint or unique index that a statement violated, as the server named it."""
    details = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return details.get("n") if isinstance(details, dict) else None


def is_unavailable(error: BaseException) -> bool:
    """Whether the database gave no answer, or one that says "try again": the request may be repeated."""
    if isinstance(error, (OSError, DatabaseUnavailableError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error)
    if state is None:
        # Without a SQLSTATE it is the connection (refused, cut, timed out) or a value that pg8000 could
        # not encode; the latter has no driver error class of its own.
        return error.connection_invalidated and not isinstance(error.orig, (ValueError, TypeError))
    return state.startswith(_UNAVAILABLE_CLASSES) or state in _UNAVAILABLE_STATES


def is_undone(error: BaseException) -> bool:
    """Whether the server has rolled back a transaction that is not at fault: run again, it may succeed."""
    return sqlstate(error) in _UNDONE_STATES


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """BEGIN … COMMIT; a rollback when the block raises. Committing is done in this module alone."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def autocommit(engine: Engine) -> Iterator[Connection]:
    """A connection on which each statement commits by itself, without the trips of BEGIN and COMMIT.

    The flag is set on the driver's connection: SQLAlchemy's AUTOCOMMIT isolation level would send two
    statements whenever the connection goes back to the pool.
    """
    with engine.connect() as connection:
        driver_connection: Any = connection.connection.driver_connection
        driver_connection.autocommit = True
        try:
            yield connection
        finally:
            driver_connection.autocommit = False


@contextmanager
def explicit_transaction(connection: Connection) -> Iterator[None]:
    """BEGIN … COMMIT on a connection of `autocommit`; a rollback when the block raises."""
    driver_connection: Any = connection.connection.driver_connection
    driver_connection.autocommit = False
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        driver_connection.autocommit = True
