"""Decides when a failed message is received again; `convoke_worker.failures` acts on the decision."""

from dataclasses import dataclass

#: After the first receive, the second, and so on; far below the 12 hours for which a message may stay
#: invisible after it was received (AWS SQS, ChangeMessageVisibility).
_DELAYS_SECONDS = (5, 20, 80, 320, 900)


@dataclass(frozen=True, slots=True)
class RetryIn:
    """Receive the message again after so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop: this was the last receive, and the queue moves the message to the dead-letter queue."""


def decide_retry(receive_count: int, *, max_receive_count: int, jitter: float) -> RetryIn | GiveUp:
    """Decide what follows the failure of the receive number `receive_count` (from 1 on).

    5, 20, 80, 320 s and at most 15 min, each cut by up to half: `jitter`, 0 to 1, is how much of that
    half is waited. A database that fails over is found back soon, and a batch that failed together does
    not come back together.
    """
    if receive_count >= max_receive_count:
        return GiveUp()
    delay = _DELAYS_SECONDS[min(max(receive_count, 1), len(_DELAYS_SECONDS)) - 1]
    return RetryIn(round(delay * (0.5 + jitter / 2)))
