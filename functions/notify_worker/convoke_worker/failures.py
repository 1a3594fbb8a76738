"""Postpones failed messages, and marks the outbox row of a message that is given up as failed."""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from convoke.database.sqlstates import is_unavailable
from convoke.database.transactions import autocommit
from convoke.messages import DeliveryMessage
from convoke.observability import Logger
from sqlalchemy import Engine, text

from convoke_worker.outcomes import describe_failure
from convoke_worker.retries import GiveUp, RetryIn, decide_retry

_MARK_FAILED = text("""
UPDATE outbox SET failed_at = clock_timestamp(), failure = :failure
WHERE id = CAST(:id AS uuid) AND delivered_at IS NULL AND cancelled_at IS NULL
""")


class PostponingQueue(Protocol):
    """A queue that can postpone received messages."""

    def postpone(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Make the messages of these receipt handles visible after so many seconds; never raises."""
        ...


class Failures:
    """Acts on failed records. Never raises: they are reported to SQS as failed whatever happens here."""

    def __init__(
        self,
        engine: Engine,
        queue: PostponingQueue,
        logger: Logger,
        *,
        max_receive_count: int,
        jitter: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._logger = logger
        self._max_receive_count = max_receive_count
        self._jitter = jitter
        self._postponed: list[tuple[str, int]] = []

    def handle(self, record: SQSRecord, message: DeliveryMessage | None, error: Exception) -> None:
        """Postpone one failed record, or give it up; without a `message` the body could not be read."""
        receive_count = int(record.attributes.get("ApproximateReceiveCount") or 1)
        decision = decide_retry(
            receive_count, max_receive_count=self._max_receive_count, jitter=self._jitter()
        )
        self._log(record, message, error, receive_count, decision)
        if isinstance(decision, RetryIn):
            self._postponed.append((record.receipt_handle, decision.seconds))
            return
        # An unavailable database is no failure of the row: it stays pending, and the relay sends it again.
        if message is not None and not is_unavailable(error):
            self._mark_failed(message.outbox_id, describe_failure(error))
        # The next receive moves it to the dead-letter queue: no delay.
        self._postponed.append((record.receipt_handle, 0))

    def postpone(self) -> None:
        """Send the delays of the failed messages to the queue: one call, at the end of the batch."""
        if self._postponed:
            self._queue.postpone(self._postponed)
            self._postponed = []

    def _mark_failed(self, outbox_id: UUID, failure: str) -> None:
        try:
            with autocommit(self._engine) as connection:
                connection.execute(_MARK_FAILED, {"id": str(outbox_id), "failure": failure})
        except Exception as error:  # noqa: BLE001 - the row stays pending; the relay's metrics show its age
            self._logger.error(
                "recording the failure failed, the outbox row stays pending",
                extra={"outbox_id": str(outbox_id), "failure": describe_failure(error)},
            )

    def _log(
        self,
        record: SQSRecord,
        message: DeliveryMessage | None,
        error: Exception,
        receive_count: int,
        decision: RetryIn | GiveUp,
    ) -> None:
        self._logger.warning(
            "delivery failed" if isinstance(decision, RetryIn) else "delivery given up",
            extra={
                "message_id": record.message_id,
                "outbox_id": str(message.outbox_id) if message else None,
                "correlation_id": message.correlation_id if message else None,
                "failure": describe_failure(error),
                "receive_count": receive_count,
                "retry_in_seconds": decision.seconds if isinstance(decision, RetryIn) else None,
            },
        )
