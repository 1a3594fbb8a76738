"""The worker function: delivers the outbox rows of an SQS batch and returns the messages that failed.

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
from convoke.settings import read_settings
from sqlalchemy import Engine

from convoke_worker.batch import Batch
from convoke_worker.delivery import deliver
from convoke_worker.failures import Failures, PostponingQueue
from convoke_worker.locales import Locales
from convoke_worker.metrics import WorkerMetrics
from convoke_worker.outcomes import RowOutcome
from convoke_worker.settings import WorkerSettings

SERVICE = "notify-worker"

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return {"batchItemFailures": [{"itemIdentifier": messageId}, …]}; the other messages are done."""
    return _compose()(event, context)


@cache
def _compose() -> Handler:
    settings = read_settings(WorkerSettings)
    engine = make_function_engine(settings, application_name="convoke-worker")
    return make_handler(settings, engine, SqsQueue(settings.queue_url))


def make_handler(
    settings: WorkerSettings,
    engine: Engine,
    queue: PostponingQueue,
    *,
    jitter: Callable[[], float] = random.random,
) -> Handler:
    """Make the handler on the given database and queue; one for each execution environment."""
    logger = make_logger(SERVICE)
    metrics = WorkerMetrics(make_metrics(SERVICE, settings.stage))
    report_connects(engine, metrics.add_connect)
    locales = Locales(default_locale=settings.default_locale, default_time_zone=settings.default_time_zone)
    failures = Failures(engine, queue, logger, max_receive_count=settings.max_receive_count, jitter=jitter)

    def deliver_rows(outbox_ids: Sequence[UUID], tolerant: bool) -> list[RowOutcome]:
        with transaction(engine) as connection:
            outcomes = deliver(connection, outbox_ids, locales, tolerant=tolerant)
            written_at = time.perf_counter()
        commit_ms = (time.perf_counter() - written_at) * 1000
        return [replace(outcome, latency_ms=outcome.latency_ms + commit_ms) for outcome in outcomes]

    @logger.inject_lambda_context
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        batch = Batch(deliver_rows)
        batch.deliver_together(_readable_ids(event))

        def take_record(record: SQSRecord) -> None:
            message: DeliveryMessage | None = None
            try:
                message = decode_message(record.body)
                outcome = batch.take(message.outbox_id)
            except Exception as error:
                metrics.count_failure(error)
                failures.handle(record, message, error)
                raise
            metrics.count(outcome)
            _log(logger, message, outcome)

        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        try:
            return dict(process_partial_response(event, take_record, processor, context))
        finally:
            failures.postpone()
            metrics.flush()

    return handle


def _readable_ids(event: dict[str, Any]) -> Iterator[UUID]:
    for record in event.get("Records", ()):
        try:
            yield decode_message(record.get("body", "")).outbox_id
        except UnreadableMessageError:
            # `take_record` rejects it.
            continue


def _log(logger: Logger, message: DeliveryMessage, outcome: RowOutcome) -> None:
    logger.info(
        outcome.outcome.value,
        extra={
            "outbox_id": str(message.outbox_id),
            "event_id": str(message.event_id),
            "correlation_id": message.correlation_id,
            "type": message.type,
            "written": outcome.written,
            "muted": outcome.muted,
            "latency_ms": round(outcome.latency_ms),
        },
    )
