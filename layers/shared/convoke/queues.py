"""SQS, and the seam before it. boto3 is loaded at the first send: it is a third of a cold start."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from convoke.messages import DeliveryMessage, encode_message

if TYPE_CHECKING:
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
    """Where delivery messages are sent."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """Send messages, each with its delay in seconds; returns how many the queue took.

        Never raises for trouble with the queue: what was not taken stays owed in the outbox.
        """
        ...


class SqsQueue:
    """The notification queue, over SQS's HTTP protocol.

    One attempt with tight timeouts: the caller waits for the answer, and the relay is the retry.
    """

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url
        self.last_error: str | None = None

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
                # What it says of the machine is put together anew for each request: a sixth of its work. And
                # there is nobody here whose mistakes its validation would find.
                user_agent="convoke",
                parameter_validation=False,
            ),
        )

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """Send in batches of ten; see DeliveryQueue. A batch that fails ends the sending."""
        taken = 0
        for start in range(0, len(messages), BATCH_ENTRIES):
            batch = messages[start : start + BATCH_ENTRIES]
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(index), "MessageBody": encode_message(message), "DelaySeconds": delay}
                for index, (message, delay) in enumerate(batch)
            ]
            try:
                answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            except Exception as error:  # noqa: BLE001 - whatever it is, the outbox still owes the rows
                self.last_error = type(error).__name__
                return taken
            # A 200 can carry failures: only what is listed as successful was taken.
            taken += len(answer.get("Successful", []))
            if answer.get("Failed"):
                self.last_error = answer["Failed"][0].get("Code", "Failed")
        return taken

    def count_waiting(self) -> int:
        """Messages that wait to be received, approximately, as SQS counts. Raises on queue trouble.

        Neither those in flight nor those whose delay has not passed.
        """
        answer = self._client.get_queue_attributes(
            QueueUrl=self._queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def postpone(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Let received messages come back after so many seconds, not after the visibility timeout.

        `receipts`: receipt handles, each with its seconds. Trouble is not reported: the messages then come
        back at the timeout.
        """
        for start in range(0, len(receipts), BATCH_ENTRIES):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(index), "ReceiptHandle": receipt_handle, "VisibilityTimeout": seconds}
                for index, (receipt_handle, seconds) in enumerate(receipts[start : start + BATCH_ENTRIES])
            ]
            try:
                self._client.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=entries)
            except Exception as error:  # noqa: BLE001 - the visibility timeout is the fallback
                self.last_error = type(error).__name__
                return
