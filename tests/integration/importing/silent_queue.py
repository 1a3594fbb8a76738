"""A queue for tests that look at the database alone."""

from collections.abc import Sequence

from convoke.messages import DeliveryMessage


class SilentQueue:
    """Takes every message, and nobody receives it."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        return len(messages)
