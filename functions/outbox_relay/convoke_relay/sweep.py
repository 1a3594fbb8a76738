"""Sends the messages of a tick: count the backlog and the queue, claim, commit, send."""

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

from convoke_relay.backlog import Backlog, count_backlog
from convoke_relay.backoff import backoff_seconds
from convoke_relay.claims import ClaimedRow, claim_sent, claim_unsent, give_back

#: The most claims of rows that were never sent, each of `send_limit` rows, in one tick. Re-sending has one
#: claim: at the full hour more falls due than is ever re-sent.
_UNSENT_CLAIMS = 10
#: The rest of the function's time that is kept for giving back unsent rows.
_RESERVE_SECONDS = 8.0


class Queue(Protocol):
    """The queue operations that the relay uses."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        """Send messages; return how many the queue took. Never raises for a failure of the queue."""
        ...

    def count_waiting(self) -> int:
        """Return about how many messages wait to be received. Raises for a failure of the queue."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one tick.

    `send_limit` is the most messages that a tick re-sends; nothing is re-sent while the queue holds
    more. `tick_seconds` is the time between ticks.
    """

    send_limit: int
    tick_seconds: float
    first_retry_seconds: float

    @property
    def lookahead_seconds(self) -> float:
        """Two ticks: rows due until the next tick but one are sent ahead; one tick may be late or fail."""
        return 2 * self.tick_seconds


@dataclass(frozen=True, slots=True)
class Sweep:
    """The result of a tick. `unsent`: claimed, not taken by the queue, and given back."""

    backlog: Backlog
    resending: bool
    sent: int = 0
    unsent: int = 0

    def plus(self, sent: int, unsent: int) -> Self:
        """Return the result with so many more rows."""
        return replace(self, sent=self.sent + sent, unsent=self.unsent + unsent)


def sweep(
    engine: Engine,
    queue: Queue,
    limits: Limits,
    *,
    remaining_seconds: Callable[[], float],
    jitter: Callable[[], float] = random.random,
) -> Sweep:
    """Send the messages of pending rows, within `limits`. Raises when the database is unavailable.

    Rows that were never sent go first, however full the queue is: it is one message for each row. Rows that
    were sent before are sent again only when the queue is nearly empty; otherwise their messages still wait
    there, and one more would only make the queue longer. A queue that cannot be counted is taken for full.
    """
    with autocommit(engine) as connection:
        backlog = count_backlog(connection)
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
    except Exception:  # noqa: BLE001 - any error is a failure of the queue
        return False


def _send(
    engine: Engine, queue: Queue, claims: Sequence[ClaimedRow], remaining_seconds: Callable[[], float]
) -> tuple[int, int]:
    """Send claimed rows; give back those that the queue did not take. Return how many of each.

    A failure of the queue ends the sending, so that a tick costs a failing queue one call. The next tick
    begins with the rows given back, and no row waits longer because others failed.
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
            # Which of them were taken is unknown here: sent again, those are duplicates, and harmless.
            unsent += entries
        if not taken:
            unsent += claims[start + BATCH_ENTRIES :]
            break
    if unsent:
        with autocommit(engine) as connection:
            give_back(connection, unsent)
    return sent, len(unsent)
