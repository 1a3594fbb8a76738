"""Run the event-source mapping: pollers receive messages, invoke the function, and delete the messages."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from convoke_local.lambda_.event_source_rules import (
    Completed,
    EventSource,
    Failed,
    choose_processed,
    make_events,
    make_record,
)
from convoke_local.lambda_.functions import InvocationError
from convoke_local.sqs.queues import Queues

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

#: "Lambda … starts reading up to five concurrent batches" (SQS event sources, scaling).
_FIRST_POLLERS = 5
#: ReceiveMessage and DeleteMessageBatch take ten (AWS SQS quotas).
_SQS_BATCH = 10
_LONGEST_POLL_SECONDS = 20
_AWAITED_POLL_SECONDS = 2
_SHORTEST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0

_logger = logging.getLogger(__name__)


class EventSourceMapping:
    """Invoke one function with the messages of one queue, in threads, between `start` and `stop`."""

    def __init__(
        self,
        client: "SQSClient",
        queues: Queues,
        settings: EventSource,
        invoke: Callable[[str], str],
        *,
        make_queues: Callable[[], object],
        poll_seconds: int = _LONGEST_POLL_SECONDS,
    ) -> None:
        """Prepare the pollers; each request waits `poll_seconds` for messages.

        `invoke` calls the function with an event and returns its result (both JSON) or raises
        InvocationError; it runs at most `settings.maximum_concurrency` times at once. `make_queues` is
        called when the queue is gone: the server was started again and kept no state.
        """
        self._client = client
        self._queue_url = queues.url
        self._queue_arn = queues.arn
        self._settings = settings
        self._invoke = invoke
        self._make_queues = make_queues
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._pollers = 0
        self._busy = 0

    def start(self) -> None:
        """Start polling."""
        for _ in range(min(_FIRST_POLLERS, self._settings.maximum_concurrency)):
            self._add_poller()

    def stop(self, within_seconds: float) -> None:
        """Receive no more messages, and wait at most that long for the invocations under way."""
        self._stopping.set()
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0, within_seconds)
            # A message that a poll under way receives stays invisible for a while if nothing awaits the poll.
            if self._poll_seconds <= _AWAITED_POLL_SECONDS:
                self._changed.wait_for(lambda: self._pollers == 0, within_seconds)

    def _add_poller(self) -> None:
        with self._changed:
            if self._pollers >= self._settings.maximum_concurrency:
                return
            self._pollers += 1
            number = self._pollers
        # Daemons: a long poll that outlasts `stop` must not delay the end of the process.
        threading.Thread(target=self._poll, args=(number,), name=f"poller-{number}", daemon=True).start()

    def _poll(self, number: int) -> None:
        pause = _SHORTEST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                messages = self._receive()
            except self._client.exceptions.QueueDoesNotExist:
                self._create_queues_again()
                self._stopping.wait(pause)
                continue
            except Exception as error:  # noqa: BLE001 - polling goes on after any error of SQS
                if not self._stopping.is_set():
                    _logger.warning("cannot receive messages, polling again: %s", error)
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            pause = _SHORTEST_PAUSE_SECONDS
            if len(messages) >= self._settings.batch_size:
                # A full batch: there may be more messages than these pollers can take.
                self._add_poller()
            if messages:
                self._count_busy(1)
                self._process(messages)
                self._count_busy(-1)
            elif number > _FIRST_POLLERS:
                break
        with self._changed:
            self._pollers -= 1
            self._changed.notify_all()

    def _create_queues_again(self) -> None:
        _logger.warning("the queue does not exist, creating it again")
        try:
            self._make_queues()
        except Exception as error:  # noqa: BLE001 - the next poll tries again
            _logger.warning("cannot create the queue, trying again at the next poll: %s", error)

    def _count_busy(self, change: int) -> None:
        with self._changed:
            self._busy += change
            self._changed.notify_all()

    def _receive(self) -> "list[MessageTypeDef]":
        """Receive messages until a batch is full, the window is over, or (without a window) there are any."""
        messages = self._receive_some(self._settings.batch_size, self._poll_seconds)
        deadline = time.monotonic() + self._settings.window_seconds
        while messages and len(messages) < self._settings.batch_size:
            left = deadline - time.monotonic()
            if left <= 0 or self._stopping.is_set():
                break
            messages += self._receive_some(self._settings.batch_size - len(messages), min(left, 1))
        return messages

    def _receive_some(self, limit: int, wait_seconds: float) -> "list[MessageTypeDef]":
        response = self._client.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(limit, _SQS_BATCH),
            WaitTimeSeconds=int(wait_seconds),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return response.get("Messages", [])

    def _process(self, messages: "Sequence[MessageTypeDef]") -> None:
        try:
            if self._stopping.is_set():
                self._release(messages)
                return
            handles = {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            records = [make_record(message, self._queue_arn) for message in messages]
            for message_ids, event in make_events(records):
                self._process_event(message_ids, event, handles)
        except Exception:
            # The messages come back after their visibility timeout.
            _logger.exception("cannot delete or release a batch of %d messages", len(messages))

    def _process_event(self, message_ids: Sequence[str], event: str, handles: Mapping[str, str]) -> None:
        outcome: Completed | Failed
        try:
            outcome = Completed(self._invoke(event))
        except InvocationError as error:
            _logger.warning("invocation for a batch of %d messages failed: %s", len(message_ids), error)
            outcome = Failed()
        processed = choose_processed(message_ids, outcome, reports_failures=self._settings.reports_failures)
        for start in range(0, len(processed), _SQS_BATCH):
            entries: list[Any] = [
                {"Id": str(index), "ReceiptHandle": handles[message_id]}
                for index, message_id in enumerate(processed[start : start + _SQS_BATCH])
            ]
            response = self._client.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
            for failure in response.get("Failed", []):
                # The message comes back, and the worker finds its outbox row delivered.
                _logger.warning("a processed message was not deleted: %s", failure.get("Code"))

    def _release(self, messages: "Sequence[MessageTypeDef]") -> None:
        # Not at once: the other polls under way would receive it in turn, and each receive counts towards the
        # dead-letter queue.
        after_all_polls = self._poll_seconds + 1
        for message in messages:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=after_all_polls,
            )
