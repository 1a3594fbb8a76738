"""Decides how long the relay waits before it re-sends the message of an outbox row."""

#: No wait is longer, jitter included: each row that is due and pending is re-sent within this time.
LONGEST_BACKOFF_SECONDS = 4_500

_LONGEST_WITHOUT_JITTER_SECONDS = 3_600
_JITTER = 0.25


def backoff_seconds(attempts: int, *, first_seconds: float, jitter: float) -> float:
    """Return the wait after one more sending of a row that was sent `attempts` times before.

    Twice as long each time, from `first_seconds` up to an hour. `jitter`, 0 to 1, adds up to a quarter,
    so that rows sent together do not come back together; it never shortens the first wait, within
    which a message that did arrive is normally delivered.
    """
    # Bounded before the power is computed: an outage can count any number of attempts.
    wait = min(first_seconds * 2.0 ** min(max(attempts, 0), 20), _LONGEST_WITHOUT_JITTER_SECONDS)
    return wait * (1 + _JITTER * jitter)
