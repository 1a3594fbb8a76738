"""Makes SQLAlchemy engines over pg8000, with timeouts, session settings and safe error handling."""

import time
from collections.abc import Callable

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.engine import Engine, ExceptionContext

from convoke.database.driver import tune_sessions
from convoke.database.sqlstates import sqlstate

#: How much longer than the server the function waits for a response, and for a connection.
NETWORK_SLACK_SECONDS = 2


def make_engine(url: str, *, timeout_seconds: float, application_name: str) -> Engine:
    """Make an engine with one connection: a Lambda environment serves one request at a time.

    `url` is postgresql://… (the driver is always pg8000). No statement and no response takes longer than
    `timeout_seconds` (the socket a little more, so that the server's own error comes first). Connects
    at first use.
    """
    timeout_milliseconds = str(int(timeout_seconds * 1000))
    engine = create_engine(
        make_url(url).set(drivername="postgresql+pg8000"),
        pool_size=1,
        max_overflow=0,
        pool_recycle=900,
        # Error messages end in logs; the values of a statement hold what people typed.
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
    tune_sessions(engine)
    event.listen(engine, "handle_error", _discard_connection_in_doubt)
    return engine


def report_connects(engine: Engine, report: Callable[[float], None]) -> None:
    """Call `report` with the milliseconds that each new connection took."""
    began = time.perf_counter()

    def start(*_: object) -> None:
        nonlocal began
        began = time.perf_counter()

    # Inserted first: one of the other listeners may make the connection.
    event.listen(engine, "do_connect", start, insert=True)
    event.listen(engine, "connect", lambda *_: report((time.perf_counter() - began) * 1000))


def _discard_connection_in_doubt(context: ExceptionContext) -> None:
    # pg8000 encodes parameters after it has sent Describe. When encoding fails, the server's reply stays
    # unread, and the next query would get it: another caller's row. Only an error that the server itself
    # sent (it has a SQLSTATE) leaves the connection in step.
    if sqlstate(context.original_exception) is None:
        context.is_disconnect = True
