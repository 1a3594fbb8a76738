"""Counts a request's SQL statements, round trips to the database and calls of the queue."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

from sqlalchemy import Engine, event

from benchmarks.ours.functions import find_queues
from benchmarks.wire import Tap


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a call. `statements` excludes BEGIN and COMMIT, which are counted as round trips."""

    statements: int
    round_trips: int
    queue_calls: int


def count_calls(act: Callable[[], object], tap: Tap, queue_endpoint: str) -> Counts:
    """Count the calls of `act`, through the tap and with that queue; the statements of all engines count."""
    trips, sends = tap.trips, read_sends(queue_endpoint)
    with _recorded_statements() as statements:
        act()
    return Counts(len(statements), tap.trips - trips, read_sends(queue_endpoint) - sends)


@contextmanager
def _recorded_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def record(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", record)


def read_sends(queue_endpoint: str) -> int:
    """Return how many calls have sent messages to a delayed queue, failed ones included."""
    request = Request(  # noqa: S310 - a server of ours
        queue_endpoint,
        data=json.dumps({"QueueUrl": find_queues(queue_endpoint).url}).encode(),
        headers={
            "X-Amz-Target": "AmazonSQS.GetQueueAttributes",
            "Content-Type": "application/x-amz-json-1.0",
            "Connection": "close",
        },
    )
    with urlopen(request, timeout=10) as response:  # noqa: S310
        return int(json.load(response)["Attributes"]["Sends"])
