"""Sends every message that the queue has accepted once more, shuffled, after all have been delivered."""

import random
import time
from collections.abc import Sequence
from typing import Any

_BATCH = 10
_PATIENCE_SECONDS = 60
_SLOWEST_PER_SECOND = 20


def replay(client: Any, queue_url: str, bodies: Sequence[str], chance: random.Random) -> None:
    """Send the bodies, and wait until they have been received and deleted.

    Messages in flight before that were postponed by the worker, and may stay for minutes.
    """
    postponed = _count(client, queue_url)["ApproximateNumberOfMessagesNotVisible"]
    shuffled = chance.sample(bodies, len(bodies))
    for start in range(0, len(shuffled), _BATCH):
        entries = [
            {"Id": str(index), "MessageBody": body}
            for index, body in enumerate(shuffled[start : start + _BATCH])
        ]
        client.send_message_batch(QueueUrl=queue_url, Entries=entries)
    deadline = time.monotonic() + _PATIENCE_SECONDS + len(bodies) / _SLOWEST_PER_SECOND
    while time.monotonic() < deadline:
        counts = _count(client, queue_url)
        if not counts["ApproximateNumberOfMessages"] and (
            counts["ApproximateNumberOfMessagesNotVisible"] <= postponed
        ):
            return
        time.sleep(0.1)
    raise TimeoutError(f"the replayed messages were not deleted: {counts}")


def _count(client: Any, queue_url: str) -> dict[str, int]:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return {name: int(attributes[name]) for name in names}
