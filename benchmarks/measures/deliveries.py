"""Creates events with undelivered outbox rows, and runs the worker that delivers them, in this process."""

import asyncio
import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from convoke.database.engine import make_engine
from convoke.messages import DeliveryMessage, encode_message
from convoke.observability import make_logger, make_metrics
from convoke.queues import DeliveryQueue
from convoke_api.invocation import make_handler as make_api_handler
from convoke_api.services import Services
from convoke_worker.handler import make_handler as make_worker_handler
from convoke_worker.settings import WorkerSettings
from sqlalchemy import Engine

from benchmarks.measures.lambda_context import Context
from benchmarks.ours.applications import make_body, make_event, make_settings
from benchmarks.world import World

#: NotificationBatchSize of infra/template.yaml, whose greatest value it is.
BATCH_MESSAGES = 10


@dataclass
class CollectingQueue:
    """A queue that keeps every message."""

    messages: list[DeliveryMessage] = field(default_factory=list)

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """See convoke.queues.DeliveryQueue."""
        self.messages += [message for message, _ in messages]
        return len(messages)

    def postpone(self, receipts: Sequence[tuple[str, int]]) -> None:
        """See convoke_worker.failures.PostponingQueue."""
        raise RuntimeError(f"{len(receipts)} messages were not delivered")


@contextmanager
def open_api(database_url: str, queue: DeliveryQueue) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Open the API's handler, as Lambda's runtime calls it: one execution environment.

    Yields a function that takes the Lambda events of `make_event`, and raises RuntimeError for a refused one.
    """
    engine = make_engine(database_url, timeout_seconds=60, application_name="benchmarks")
    # Mangum runs each request on the current loop.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        handler = make_api_handler(
            Services(
                engine,
                queue,
                make_settings(database_url, ""),
                make_logger("benchmarks"),
                make_metrics("benchmarks", "local"),
            )
        )

        def call(event: dict[str, Any]) -> None:
            response = handler(event, None)
            if response["statusCode"] != 201:
                raise RuntimeError(f"{response['statusCode']}: {response.get('body')}")

        yield call
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        engine.dispose()


def create_events(world: World, *, events: int, participants: int) -> list[DeliveryMessage]:
    """Create events with randomly chosen participants through the API; return their messages.

    The caller organizes them and is not a participant.
    """
    queue, draw = CollectingQueue(), random.Random(participants)  # noqa: S311 - no secrets here
    with redirect_stdout(io.StringIO()), open_api(world.database_url, queue) as call:
        for _ in range(events):
            call(make_event(make_body(draw.sample(world.people, participants))))
    return queue.messages


def make_batches(messages: Sequence[DeliveryMessage]) -> list[Sequence[DeliveryMessage]]:
    """Divide the messages as the event-source mapping does when many wait."""
    return [messages[start : start + BATCH_MESSAGES] for start in range(0, len(messages), BATCH_MESSAGES)]


class WorkerCaller:
    """Calls the worker's handler, as Lambda's runtime does: one execution environment."""

    def __init__(self, engine: Engine) -> None:
        # Its log goes to a file that is not read; on Lambda the runtime takes it.
        self._output = io.StringIO()
        with redirect_stdout(self._output):
            self._handler = make_worker_handler(WorkerSettings(database_url=""), engine, CollectingQueue())

    def deliver(self, messages: Sequence[DeliveryMessage]) -> None:
        """Invoke the worker once. Raises RuntimeError if a message was not delivered."""
        event = make_sqs_event(messages)
        with redirect_stdout(self._output):
            response = self._handler(event, Context())
        self._output.seek(0)
        self._output.truncate()
        if response["batchItemFailures"]:
            raise RuntimeError(f"not delivered: {response['batchItemFailures']}")


def make_sqs_event(messages: Sequence[DeliveryMessage]) -> dict[str, Any]:
    """Make the Lambda event that holds these messages."""
    return {
        "Records": [
            {
                "messageId": str(message.outbox_id),
                "receiptHandle": str(message.outbox_id),
                "body": encode_message(message),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
            for message in messages
        ]
    }


def ids_of(messages: Sequence[DeliveryMessage]) -> list[UUID]:
    """Return the ids of their outbox rows."""
    return [message.outbox_id for message in messages]
