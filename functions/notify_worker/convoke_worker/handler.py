"""The worker function: an SQS batch in, the messages that were not delivered out.

Composed at the first invocation: importing this module reads no environment and opens no connection.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from convoke.database.access import make_function_engine
from convoke.database.engine import report_connects
from convoke.database.transactions import transaction
from convoke.errors import UnreadableMessageError
from convoke.messages import DeliveryMessage, decode_message
from convoke.observability import Logger, make_logger, make_metrics
from convoke.queues import SqsQueue
from convoke.settings import Settings, read_settings
from sqlalchemy import Engine

from convoke_worker.batch import Batch
from convoke_worker.delivery import deliver
from convoke_worker.failures import Failures, PostponingQueue
from convoke_worker.locales import Locales
from convoke_worker.metrics import WorkerMetrics
from convoke_worker.outcomes import Delivery

SERVICE = "notify-worker"

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Returns {"batchItemFailures": [{"itemIdentifier": messageId}, …]}; everything else is delivered."""
    return _compose()(event, context)


@cache
def _compose() -> Handler:
    settings = read_settings()
    engine = make_function_engine(settings, application_name="convoke-worker")
    return make_handler(settings, engine, SqsQueue(settings.queue_url))


def make_handler(
    settings: Settings,
    engine: Engine,
    queue: PostponingQueue,
    *,
    jitter: Callable[[], float] = random.random,
) -> Handler:
    """The handler on the given database and queue; one for each execution environment."""
    logger = make_logger(SERVICE)
    measurements = WorkerMetrics(make_metrics(SERVICE, settings.stage))
    report_connects(engine, measurements.add_connect)
    forms = Locales(default_locale=settings.default_locale, default_time_zone=settings.default_time_zone)
    failures = Failures(engine, queue, logger, max_receive_count=settings.max_receive_count, jitter=jitter)

    def deliver_rows(outbox_ids: Sequence[UUID], tolerant: bool) -> list[Delivery]:
        with transaction(engine) as connection:
            deliveries = deliver(connection, outbox_ids, forms, tolerant=tolerant)
            written_at = time.perf_counter()
        commit_ms = (time.perf_counter() - written_at) * 1000
        return [replace(delivery, latency_ms=delivery.latency_ms + commit_ms) for delivery in deliveries]

    @logger.inject_lambda_context
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        batch = Batch(deliver_rows)
        batch.deliver_together(_readable_ids(event))

        def take_record(record: SQSRecord) -> None:
            message: DeliveryMessage | None = None
            try:
                message = decode_message(record.body)
                delivery = batch.take(message.outbox_id)
            except Exception as error:
                measurements.count_failure(error)
                failures.handle(record, message, error)
                raise
            measurements.count(delivery)
            _log(logger, message, delivery)

        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        try:
            return dict(process_partial_response(event, take_record, processor, context))
        finally:
            failures.postpone()
            measurements.flush()

    return handle


def _readable_ids(event: dict[str, Any]) -> Iterator[UUID]:
    for record in event.get("Records", ()):
        try:
            yield decode_message(record.get("body", "")).outbox_id
        except UnreadableMessageError:
            # It is taken up, and rejected, when its own turn comes.
            continue


def _log(logger: Logger, message: DeliveryMessage, delivery: Delivery) -> None:
    logger.info(
        delivery.outcome.value,
        extra={
            "outbox_id": str(message.outbox_id),
            "event_id": str(message.event_id),
            "correlation_id": message.correlation_id,
            "type": message.type,
            "written": delivery.written,
            "muted": delivery.muted,
            "latency_ms": round(delivery.latency_ms),
        },
    )
