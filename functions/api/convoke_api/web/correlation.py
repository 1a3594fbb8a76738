"""Gives each request a correlation id, for its response, its logs and its outbox rows."""

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
    """Return the client's id if it is 1 to 64 letters, digits, hyphens and underscores, else a new one."""
    return sent if sent is not None and _ACCEPTABLE.fullmatch(sent) else uuid4().hex


class Correlation:
    """ASGI middleware that adds the correlation id to each response and responds to unhandled errors.

    Starlette would raise such an error again after the response, and Mangum would log it with its message.
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
        except Exception as error:  # noqa: BLE001 - the outermost edge: every error gets a response
            log_failure(self._logger, error)
            await make_error_response(error)(scope, receive, send_named)


def log_failure(logger: Logger, error: BaseException) -> None:
    """Log an unexpected error by type and place, without its message, which may contain what people typed.

    `frames` lists the last calls in Convoke's code, `raised_at` the place of the raise, mostly in a library.
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
        # Convoke's own messages name places and rules, never values.
        detail=str(error) if isinstance(error, ConvokeError) else None,
        frames=ours[-8:],
        raised_at=place,
    )
