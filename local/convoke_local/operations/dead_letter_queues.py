"""The dead-letter queue as a redrive uses it, on any SQS.

AWS's own move task (StartMessageMoveTask) cannot choose by event or type, and not every server has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: Entries of a batch call (AWS SQS quotas).
_BATCH = 10
#: How long what was received stays out of sight of others; `release` gives back what is not moved.
_HELD_SECONDS = 120
#: A queue that is filled while it is emptied does not keep the command for ever.
_MOST_LETTERS = 50_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and the handle by which it is deleted.

    `receives` counts how often it was received, by `receive_all` too.
    """

    id: str
    body: str
    receives: int
    receipt_handle: str


class DeadLetterQueue:
    """A queue and its dead letters. Raises botocore's errors when SQS does not answer."""

    def __init__(self, client: "SQSClient", url: str, dead_letter_url: str) -> None:
        self._client = client
        self._url = url
        self._dead_letter_url = dead_letter_url
        self._held: dict[str, str] = {}

    def count(self) -> int:
        """About how many dead letters there are, those that somebody holds included."""
        attributes = self._client.get_queue_attributes(
            QueueUrl=self._dead_letter_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(int(number) for number in attributes.values())

    def receive_all(self) -> Iterator[DeadLetter]:
        """All dead letters that nobody holds; they are held here until moved or released."""
        while len(self._held) < _MOST_LETTERS:
            answer = self._client.receive_message(
                QueueUrl=self._dead_letter_url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HELD_SECONDS,
                # A long poll asks all of SQS's servers; a short one may miss messages.
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            for message in messages:
                receives = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "0"))
                letter = DeadLetter(message["MessageId"], message["Body"], receives, message["ReceiptHandle"])
                self._held[letter.id] = letter.receipt_handle
                yield letter

    def send(self, bodies: Sequence[str]) -> int:
        """Send to the queue; returns how many it took."""
        return sum(len(self._send(bodies[start : start + _BATCH])) for start in range(0, len(bodies), _BATCH))

    def move(self, letters: Sequence[DeadLetter]) -> int:
        """Send each to the queue, and delete it when the queue has taken it; returns how many were taken."""
        moved = 0
        for start in range(0, len(letters), _BATCH):
            batch = letters[start : start + _BATCH]
            taken = [batch[index] for index in self._send([letter.body for letter in batch])]
            if taken:
                # One that stays is moved again next time, which is harmless.
                self._client.delete_message_batch(
                    QueueUrl=self._dead_letter_url,
                    Entries=[
                        {"Id": str(index), "ReceiptHandle": letter.receipt_handle}
                        for index, letter in enumerate(taken)
                    ],
                )
            for letter in taken:
                self._held.pop(letter.id, None)
            moved += len(taken)
        return moved

    def release(self) -> None:
        """Let others see at once what was received and not moved."""
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
        """Which of at most ten bodies the queue took."""
        if not bodies:
            return []
        answer = self._client.send_message_batch(
            QueueUrl=self._url,
            Entries=[{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)],
        )
        return sorted(int(entry["Id"]) for entry in answer.get("Successful", []))
