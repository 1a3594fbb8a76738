"""Receive, move and release dead letters on any SQS server.

AWS's own move task (StartMessageMoveTask) cannot choose by event or type, and not every server has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: Entries of a batch call (AWS SQS quotas).
_BATCH = 10
#: The visibility timeout of received dead letters; `release` ends it for those that are not moved.
_HELD_SECONDS = 120
#: A queue that is filled while it is emptied must not keep the command running for ever.
_MOST_LETTERS = 50_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the dead-letter queue, with the handle for its deletion.

    `receives` counts how often it was received, by `receive_all` too.
    """

    id: str
    body: str
    receives: int
    receipt_handle: str


class DeadLetterQueue:
    """Move dead letters back to their queue. Raises botocore's errors when SQS does not respond."""

    def __init__(self, client: "SQSClient", url: str, dead_letter_url: str) -> None:
        self._client = client
        self._url = url
        self._dead_letter_url = dead_letter_url
        self._held: dict[str, str] = {}

    def count(self) -> int:
        """Return the approximate number of dead letters, those in flight included."""
        attributes = self._client.get_queue_attributes(
            QueueUrl=self._dead_letter_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(int(number) for number in attributes.values())

    def receive_all(self) -> Iterator[DeadLetter]:
        """Receive all visible dead letters; they are in flight until moved or released."""
        while len(self._held) < _MOST_LETTERS:
            response = self._client.receive_message(
                QueueUrl=self._dead_letter_url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HELD_SECONDS,
                # A long poll queries all of SQS's servers; a short one may miss messages.
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
            messages = response.get("Messages", [])
            if not messages:
                return
            for message in messages:
                receives = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "0"))
                letter = DeadLetter(message["MessageId"], message["Body"], receives, message["ReceiptHandle"])
                self._held[letter.id] = letter.receipt_handle
                yield letter

    def send(self, bodies: Sequence[str]) -> int:
        """Send to the queue; return the number of messages it accepted."""
        return sum(len(self._send(bodies[start : start + _BATCH])) for start in range(0, len(bodies), _BATCH))

    def move(self, letters: Sequence[DeadLetter]) -> int:
        """Send each to the queue, and delete it when it was accepted; return the number accepted."""
        moved = 0
        for start in range(0, len(letters), _BATCH):
            batch = letters[start : start + _BATCH]
            accepted = [batch[index] for index in self._send([letter.body for letter in batch])]
            if accepted:
                # A letter that is not deleted is moved again by the next redrive, which is harmless.
                self._client.delete_message_batch(
                    QueueUrl=self._dead_letter_url,
                    Entries=[
                        {"Id": str(index), "ReceiptHandle": letter.receipt_handle}
                        for index, letter in enumerate(accepted)
                    ],
                )
            for letter in accepted:
                self._held.pop(letter.id, None)
            moved += len(accepted)
        return moved

    def release(self) -> None:
        """Make the letters visible again that were received and not moved."""
        handles = list(self._held.values())
        for start in range(0, len(handles), _BATCH):
            self._client.change_message_visibility_batch(
                QueueUrl=self._dead_letter_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for index, handle in enumerate(handles[start : start + _BATCH])
                ],
            )
        self._held.clear()

    def _send(self, bodies: Sequence[str]) -> list[int]:
        """Send at most ten bodies; return the indexes of those that the queue accepted."""
        if not bodies:
            return []
        response = self._client.send_message_batch(
            QueueUrl=self._url,
            Entries=[{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)],
        )
        return sorted(int(entry["Id"]) for entry in response.get("Successful", []))
