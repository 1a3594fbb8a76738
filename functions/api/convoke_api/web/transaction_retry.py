"""Retries a request once, at once, if the server has rolled back its transaction (after a deadlock, say)."""

import time
from collections.abc import Callable, Sequence

from convoke.database.sqlstates import is_undone, sqlstate
from convoke.observability import Logger
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: A deadlock is detected after a second (`deadlock_timeout`). After more seconds than this, a second run that
#: waits for the database as long as it may could outlast the gateway.
QUICK_SECONDS = 5.0


class TransactionRetry:
    """ASGI middleware around everything that uses the database.

    The first run has left nothing behind and sent nothing: dependencies end before the response is sent.
    An error of the second run, or of a first run longer than QUICK_SECONDS, is raised.
    """

    def __init__(self, app: ASGIApp, logger: Logger, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._logger = logger
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages = await _read_request(receive)
        started_at = self._clock()
        try:
            # A copy, because routing writes into the scope.
            await self._app(dict(scope), _replay(messages, receive), send)
        except Exception as error:
            if not is_undone(error) or self._clock() - started_at > QUICK_SECONDS:
                raise
            self._logger.warning(
                "transaction rolled back by the server, retrying the request once", sqlstate=sqlstate(error)
            )
            await self._app(scope, _replay(messages, receive), send)


async def _read_request(receive: Receive) -> Sequence[Message]:
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _replay(messages: Sequence[Message], receive: Receive) -> Receive:
    left = iter(messages)

    async def receive_again() -> Message:
        return next(left, None) or await receive()

    return receive_again
