"""One tick of the relay: measure, look at the queue, claim, commit, send."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from convoke.database.transactions import autocommit, transaction
from convoke.messages import DeliveryMessage
from convoke.outbox import make_messages
from convoke.queues import BATCH_ENTRIES
from sqlalchemy import Engine

from convoke_relay.backlog import Backlog, measure
from convoke_relay.backoff import backoff_seconds
from convoke_relay.claims import ClaimedRow, claim_sent, claim_unsent, give_back

#: First sendings may fill so many claims in a tick: at the full hour more falls due than is ever re-sent.
_UNSENT_CLAIMS = 10
#: What is left of the function's time for giving back what could not be sent.
_RESERVE_SECONDS = 8.0


class Queue(Protocol):
    """The queue, as the relay sees it."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """How many of the messages the queue took; never raises for trouble with the queue."""
        ...

    def count_waiting(self) -> int:
        """How many messages wait to be received, about. Raises on trouble with the queue."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one tick may do.

    `send_limit` is a tick's work, in messages: no more is re-sent in a tick, and nothing while the queue
    holds more. `tick_seconds` is the time between ticks.
    """

    send_limit: int
    tick_seconds: float
    first_retry_seconds: float

    @property
    def lookahead_seconds(self) -> float:
        """Two ticks: what falls due until the next but one is sent ahead; one tick may be late or fail."""
        return 2 * self.tick_seconds


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a tick found and did. `unsent`: claimed, not taken by the queue, and given back."""

    backlog: Backlog
    resending: bool
    sent: int = 0
    unsent: int = 0

    def plus(self, sent: int, unsent: int) -> Self:
        """With so many rows more."""
        return replace(self, sent=self.sent + sent, unsent=self.unsent + unsent)


def sweep(
    engine: Engine,
    queue: Queue,
    limits: Limits,
    *,
    remaining_seconds: Callable[[], float],
    jitter: Callable[[], float] = random.random,
) -> Sweep:
    """Send what is owed, within `limits`. Raises when the database does not answer.

    What has never been sent goes first and whatever the queue holds: it is one message for each row. What
    was sent before is sent again only when the queue is nearly empty; otherwise its message still waits
    there, and one more would only make the queue longer. A queue that cannot be counted is taken for full.
    """
    with autocommit(engine) as connection:
        backlog = measure(connection)
    result = Sweep(backlog, resending=_has_room(queue, limits.send_limit))

    def backoff(attempts: int) -> float:
        return backoff_seconds(attempts, first_seconds=limits.first_retry_seconds, jitter=jitter())

    for _ in range(_UNSENT_CLAIMS):
        with transaction(engine) as connection:
            claims = claim_unsent(
                connection,
                limit=limits.send_limit,
                lookahead_seconds=limits.lookahead_seconds,
                backoff=backoff,
            )
        result = result.plus(*_send(engine, queue, claims, remaining_seconds))
        if result.unsent or len(claims) < limits.send_limit:
            break
    if result.resending and not result.unsent:
        with transaction(engine) as connection:
            claims = claim_sent(connection, limit=limits.send_limit, backoff=backoff)
        result = result.plus(*_send(engine, queue, claims, remaining_seconds))
    return result


def _has_room(queue: Queue, send_limit: int) -> bool:
    try:
        return queue.count_waiting() <= send_limit
    except Exception:  # noqa: BLE001 - whatever it is, it is trouble with the queue
        return False


def _send(
    engine: Engine, queue: Queue, claims: Sequence[ClaimedRow], remaining_seconds: Callable[[], float]
) -> tuple[int, int]:
    """Send claimed rows; give back what the queue did not take. Returns how many of each.

    Trouble with the queue ends the sending, so that a tick costs a queue in trouble one call. The rows are
    as due as before: the next tick begins with them, and no row waits longer because others failed.
    """
    claimed_at = time.monotonic()
    sent, unsent = 0, list[ClaimedRow]()
    for start in range(0, len(claims), BATCH_ENTRIES):
        entries = claims[start : start + BATCH_ENTRIES]
        taken = 0
        if remaining_seconds() > _RESERVE_SECONDS:
            elapsed = time.monotonic() - claimed_at
            taken = queue.send(
                make_messages(
                    replace(claim.row, delay_seconds=claim.row.delay_seconds - elapsed) for claim in entries
                )
            )
        sent += taken
        if taken < len(entries):
            # Which of them were taken is not known here: sent again, those are duplicates, and harmless.
            unsent += entries
        if not taken:
            unsent += claims[start + BATCH_ENTRIES :]
            break
    if unsent:
        with autocommit(engine) as connection:
            give_back(connection, unsent)
    return sent, len(unsent)
