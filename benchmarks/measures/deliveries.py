"""Meetings that are owed to their participants, and the worker that delivers them, in this process."""

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
    """Takes every message and keeps it."""

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
    """The API's handler, as Lambda's runtime calls it: one execution environment.

    What is yielded takes events of `make_event`, and raises RuntimeError when one was refused.
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
            answer = handler(event, None)
            if answer["statusCode"] != 201:
                raise RuntimeError(f"{answer['statusCode']}: {answer.get('body')}")

        yield call
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        engine.dispose()


def schedule_meetings(world: World, *, meetings: int, participants: int) -> list[DeliveryMessage]:
    """Meetings of so many people each, drawn by chance, created through the API; returns their messages.

    The caller organizes them and is none of the participants.
    """
    queue, draw = CollectingQueue(), random.Random(participants)  # noqa: S311 - no secrets here
    with redirect_stdout(io.StringIO()), open_api(world.database_url, queue) as call:
        for _ in range(meetings):
            call(make_event(make_body(draw.sample(world.people, participants))))
    return queue.messages


def make_batches(messages: Sequence[DeliveryMessage]) -> list[Sequence[DeliveryMessage]]:
    """The messages as the event-source mapping passes them on when many wait."""
    return [messages[start : start + BATCH_MESSAGES] for start in range(0, len(messages), BATCH_MESSAGES)]


class WorkerCaller:
    """Calls the worker's handler, as Lambda's runtime does: one execution environment."""

    def __init__(self, engine: Engine) -> None:
        # What it logs goes to a file that nobody reads, as Lambda's runtime takes it off its hands.
        self._output = io.StringIO()
        with redirect_stdout(self._output):
            self._handler = make_worker_handler(WorkerSettings(database_url=""), engine, CollectingQueue())

    def deliver(self, messages: Sequence[DeliveryMessage]) -> None:
        """One invocation. Raises RuntimeError when a message was not delivered."""
        event = make_sqs_event(messages)
        with redirect_stdout(self._output):
            answer = self._handler(event, Context())
        self._output.seek(0)
        self._output.truncate()
        if answer["batchItemFailures"]:
            raise RuntimeError(f"not delivered: {answer['batchItemFailures']}")


def make_sqs_event(messages: Sequence[DeliveryMessage]) -> dict[str, Any]:
    """The event with which Lambda passes messages on."""
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
    """The outbox rows that they name."""
    return [message.outbox_id for message in messages]
