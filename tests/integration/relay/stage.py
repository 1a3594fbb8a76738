"""Outbox rows and queues for the relay's tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from convoke.database.transactions import transaction
from convoke.messages import DeliveryMessage
from sqlalchemy import Engine, text


def add_rows(
    engine: Engine,
    count: int = 1,
    *,
    type_: str = "event_invited",
    due_in: float = -200,
    next_in: float = -80,
    state: str | None = None,
) -> list[UUID]:
    """Rows due and next attempted so many seconds from now. `state`: a column that ends it, or failed_at.

    By default what the API sent 200 seconds ago. A reminder has equal times.
    """
    ended = f", {state}" if state else ""
    now = ", now()" if state else ""
    statement = text(f"""
        INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id,
                            created_at, due_at, next_attempt_at{ended})
        SELECT uuid7_at(clock_timestamp()), gen_random_uuid(), :type, '{{}}', NULL, 'correlation-1', now(),
               now() + make_interval(secs => :due_in), now() + make_interval(secs => :next_in){now}
        FROM generate_series(1, :count)
        RETURNING id
    """)
    values = {"type": type_, "due_in": due_in, "next_in": next_in, "count": count}
    with transaction(engine) as connection:
        return list(connection.execute(statement, values).scalars())


def add_reminders(engine: Engine, count: int = 1, *, due_in: float) -> list[UUID]:
    return add_rows(engine, count, type_="event_reminder", due_in=due_in, next_in=due_in)


def waits(engine: Engine) -> dict[UUID, tuple[int, float]]:
    """For each row how often it was sent, and the seconds until its next attempt."""
    statement = text(
        "SELECT id, attempts, CAST(extract(epoch FROM next_attempt_at - now()) AS float8) FROM outbox"
    )
    with transaction(engine) as connection:
        return {row: (attempts, wait) for row, attempts, wait in connection.execute(statement)}


def execute(engine: Engine, statement: str, **values: Any) -> None:
    with transaction(engine) as connection:
        connection.execute(text(statement), values)


@dataclass
class InMemoryQueue:
    """Takes what it is given, up to `capacity` messages; says that `waiting` messages wait."""

    waiting: int = 0
    capacity: int = 10**9
    sent: list[tuple[UUID, int]] = field(default_factory=list)
    calls: int = 0

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        self.calls += 1
        taken = messages[: max(0, self.capacity - len(self.sent))]
        self.sent += [(message.outbox_id, delay) for message, delay in taken]
        return len(taken)

    def count_waiting(self) -> int:
        return self.waiting

    @property
    def rows(self) -> list[UUID]:
        return [row for row, _ in self.sent]


class UncountableQueue(InMemoryQueue):
    """Takes messages but cannot say how many wait."""

    def count_waiting(self) -> int:
        raise ConnectionError("no answer")
