"""Sends messages to SQS and postpones received ones, for the API, the relay and the worker.

boto3 is loaded at first use: it is a third of a cold start.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from convoke.messages import DeliveryMessage, encode_message

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

#: SendMessageBatch takes ten entries (AWS SQS quotas).
BATCH_ENTRIES = 10

_CONNECT_TIMEOUT_SECONDS = 1
_READ_TIMEOUT_SECONDS = 1.5


class DeliveryQueue(Protocol):
    """A queue to which delivery messages are sent."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """Send messages, each with its delay in seconds; return how many the queue took.

        Never raises for a failure of the queue: rows whose messages were not taken stay pending.
        """
        ...


class SqsQueue:
    """The notification queue, over SQS's HTTP protocol.

    One attempt with tight timeouts: the caller waits for the response, and the relay is the retry.
    """

    def __init__(self, queue_url: str, report_failure: Callable[[str], None] = lambda _kind: None) -> None:
        """`report_failure` gets the kind of failure of each batch that was not taken as a whole.

        The kind is an error code of SQS (`AccessDenied`) or the name of an exception's class. The message is
        left out: it may hold data.
        """
        self._queue_url = queue_url
        self._report_failure = report_failure

    @cached_property
    def _client(self) -> "SQSClient":
        import boto3
        from botocore.config import Config

        return boto3.client(
            "sqs",
            config=Config(
                connect_timeout=_CONNECT_TIMEOUT_SECONDS,
                read_timeout=_READ_TIMEOUT_SECONDS,
                retries={"total_max_attempts": 1},
                # botocore builds its default user agent anew for each request: a sixth of a request's work.
                # All parameters are made in this file: validating them would find no error.
                user_agent="convoke",
                parameter_validation=False,
            ),
        )

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """Send in batches of ten; see DeliveryQueue. A batch whose request fails ends the sending."""
        taken = 0
        for start in range(0, len(messages), BATCH_ENTRIES):
            batch = messages[start : start + BATCH_ENTRIES]
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(index), "MessageBody": encode_message(message), "DelaySeconds": delay}
                for index, (message, delay) in enumerate(batch)
            ]
            try:
                response = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            except Exception as error:  # noqa: BLE001 - whatever the error, the rows stay pending
                self._report_failure(_failure_kind(error))
                return taken
            # A 200 can carry failures: only the entries listed as successful were taken.
            taken += len(response.get("Successful", []))
            if failed := response.get("Failed"):
                self._report_failure(failed[0].get("Code", "unknown"))
        return taken

    def count_waiting(self) -> int:
        """Return SQS's approximate number of messages that wait to be received.

        Raises for a failure of the queue. Messages in flight, and those whose delay has not passed, are not
        counted.
        """
        response = self._client.get_queue_attributes(
            QueueUrl=self._queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(response["Attributes"]["ApproximateNumberOfMessages"])

    def postpone(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Make each received message visible after its own number of seconds, not at the visibility timeout.

        `receipts`: receipt handles, each with its seconds. A failure is not reported: the messages then
        become visible at the timeout.
        """
        for start in range(0, len(receipts), BATCH_ENTRIES):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(index), "ReceiptHandle": receipt_handle, "VisibilityTimeout": seconds}
                for index, (receipt_handle, seconds) in enumerate(receipts[start : start + BATCH_ENTRIES])
            ]
            try:
                self._client.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=entries)
            except Exception:  # noqa: BLE001 - the visibility timeout is the fallback
                return


def make_logging_queue(queue_url: str, logger: "Logger") -> SqsQueue:
    """Make a queue that logs the kind of each failure to send."""
    return SqsQueue(
        queue_url, lambda kind: logger.warning("a batch of messages was not sent", extra={"error": kind})
    )


def _failure_kind(error: Exception) -> str:
    # botocore's ClientError has the response as a dictionary; botocore itself is not imported at a start.
    # Other exceptions may have an attribute of this name, and reporting must not raise.
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)
