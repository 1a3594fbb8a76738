"""The correlation id: it comes with a request or is made, and goes back, into logs and into the outbox."""

import re
from typing import Any
from uuid import uuid4

from convoke.database.sqlstates import sqlstate
from convoke.errors import ConvokeError
from convoke.observability import Logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from convoke_api.web.problems import make_error_response

HEADER = "X-Correlation-Id"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def choose_correlation_id(sent: str | None) -> str:
    """The client's own when it is 1 to 64 letters, digits, hyphens and underscores; else a new one."""
    return sent if sent is not None and _ACCEPTABLE.fullmatch(sent) else uuid4().hex


class Correlation:
    """ASGI middleware: each answer names its request, and an error that nobody handled is answered here.

    Left to Starlette, that error would be raised again after the answer and logged by Mangum with all that
    its message holds.
    """

    def __init__(self, app: ASGIApp, logger: Logger) -> None:
        self._app = app
        self._logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        correlation_id = choose_correlation_id(Headers(scope=scope).get(HEADER))
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        self._logger.set_correlation_id(correlation_id)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is, the caller gets an answer
            log_failure(self._logger, error)
            await make_error_response(error)(scope, receive, send_named)


def log_failure(logger: Logger, error: BaseException) -> None:
    """Record an unexpected error: its kind and where, not its message, which may hold what people typed.

    Where: the way through our own code, and the place, in a library mostly, at which it was raised.
    """
    ours: list[str] = []
    place = ""
    trace: Any = error.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        if trace.tb_frame.f_globals.get("__name__", "").startswith("convoke"):
            ours.append(place)
        trace = trace.tb_next
    logger.error(
        "request failed",
        error=type(error).__name__,
        sqlstate=sqlstate(error),
        # What we say ourselves names places and rules, never values.
        detail=str(error) if isinstance(error, ConvokeError) else None,
        frames=ours[-8:],
        raised_at=place,
    )
