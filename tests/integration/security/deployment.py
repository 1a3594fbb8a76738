"""All three functions over one world, with everything that they print."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from convoke.messages import DeliveryMessage
from convoke_relay.handler import make_handler as make_relay
from convoke_relay.settings import RelaySettings
from convoke_worker.handler import make_handler as make_worker
from convoke_worker.settings import WorkerSettings
from integration.changes.world import World
from integration.worker.stage import LambdaContext, RecordingQueue
from sqlalchemy import Engine
from support.logs import captured_logs

_SERVICES = ("convoke-api", "notify-worker", "outbox-relay")


class BrokenQueue:
    """Fails as no queue should, and says too much about it."""

    def __init__(self, message: str) -> None:
        self.message = message

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        raise RuntimeError(self.message)

    def count_waiting(self) -> int:
        return 0


class EmptyQueue:
    """Takes everything; nothing waits."""

    def __init__(self) -> None:
        self.sent: list[DeliveryMessage] = []

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        self.sent += [message for message, _ in messages]
        return len(messages)

    def count_waiting(self) -> int:
        return 0


def run_worker(world: World, engine: Engine, event: dict[str, Any]) -> list[str]:
    """Invoke the worker with an SQS event; the messages that failed."""
    handle = make_worker(WorkerSettings(world.database_url), engine, RecordingQueue())
    return [failure["itemIdentifier"] for failure in handle(event, LambdaContext())["batchItemFailures"]]


def run_relay(world: World, engine: Engine, queue: Any) -> dict[str, Any]:
    """One tick of the relay."""
    return make_relay(RelaySettings(world.database_url), engine, queue)({}, LambdaContext())


@contextmanager
def printed_lines() -> Iterator[Callable[[], list[str]]]:
    """The log lines of the three functions within the block."""
    with captured_logs(*_SERVICES) as stream:
        yield lambda: stream.getvalue().splitlines()


def read_records(lines: list[str]) -> list[dict[str, Any]]:
    """The lines as JSON: each is one object, so that no input has made a line of its own."""
    records = [json.loads(line) for line in lines]
    assert all(isinstance(record, dict) for record in records)
    return records
