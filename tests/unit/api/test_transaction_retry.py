"""An undone transaction runs again: once, with the same request, and only while there is time."""

import asyncio
from collections.abc import Sequence

import pg8000
import pytest
from convoke.observability import make_logger
from convoke_api.web.transaction_retry import QUICK_SECONDS, TransactionRetry
from starlette.types import Message, Receive, Scope, Send

REQUEST: Sequence[Message] = (
    {"type": "http.request", "body": b"a", "more_body": True},
    {"type": "http.request", "body": b"b", "more_body": False},
    {"type": "http.disconnect"},
)


def make_error(state: str) -> Exception:
    return pg8000.DatabaseError({"C": state, "M": "…"})


class FailingApplication:
    """Reads the request, routes it, and fails with each of the errors in turn; each run takes a while."""

    def __init__(self, *errors: Exception, seconds: float = 1) -> None:
        self._errors = list(errors)
        self._seconds = seconds
        self.now = 0.0
        self.runs: list[list[Message]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert "route" not in scope
        scope["route"] = "found"
        self.runs.append([await receive() for _ in REQUEST])
        self.now += self._seconds
        if self._errors:
            raise self._errors.pop(0)
        await send({"type": "http.response.start", "status": 200})


def run(application: FailingApplication) -> list[Message]:
    """The response to one request."""
    sent: list[Message] = []
    # The disconnect that follows is received as often as `receive` is called.
    messages = [*REQUEST, REQUEST[-1]]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    repetition = TransactionRetry(application, make_logger("test"), clock=lambda: application.now)
    asyncio.run(repetition({"type": "http"}, receive, send))
    return sent


@pytest.mark.parametrize("state", ["40001", "40P01", "0A000"])
def test_the_second_run_gets_the_same_request(state: str) -> None:
    application = FailingApplication(make_error(state))
    assert len(run(application)) == 1
    assert application.runs == [list(REQUEST)] * 2


def test_without_trouble_there_is_one_run() -> None:
    application = FailingApplication()
    run(application)
    assert application.runs == [list(REQUEST)]


@pytest.mark.parametrize("error", [make_error("57014"), make_error("23505"), OSError("40001"), ValueError()])
def test_whatever_else_goes_wrong_is_raised(error: Exception) -> None:
    application = FailingApplication(error)
    with pytest.raises(type(error)):
        run(application)
    assert len(application.runs) == 1


def test_what_fails_again_is_raised() -> None:
    application = FailingApplication(make_error("40001"), make_error("40P01"))
    with pytest.raises(pg8000.DatabaseError, match="40P01"):
        run(application)
    assert len(application.runs) == 2


@pytest.mark.parametrize(("seconds", "runs"), [(QUICK_SECONDS, 2), (QUICK_SECONDS + 0.1, 1)])
def test_what_took_long_is_not_tried_again(seconds: float, runs: int) -> None:
    application = FailingApplication(*[make_error("40P01")] * 2, seconds=seconds)
    with pytest.raises(pg8000.DatabaseError):
        run(application)
    assert len(application.runs) == runs
