"""Takes the steps of erasures and read marks: bounded steps, as many as the tick has time for.

A row of `erasures` or `read_marks` is one job. A step leases its row first, by a later `next_step_at` that is
committed before the step begins: a step that fails, or is killed, does not hold up the others and is tried
again when the lease ends. A step that leaves more to do puts its row behind the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from convoke.database.transactions import autocommit, transaction
from convoke.erasure import take_erasure_step
from sqlalchemy import Connection, Engine, RowMapping, TextClause, text

#: A lease outlasts every tick.
_LEASE = "interval '20 minutes'"
#: Notifications that one step marks. Part of the text (ADR 0035).
_ROWS = 5_000

_LEASE_ONE = """
UPDATE {table} SET next_step_at = now() + {lease}
WHERE user_id = (SELECT user_id FROM {table} WHERE next_step_at <= now()
                 ORDER BY next_step_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""
_LEASE_ERASURE = text(_LEASE_ONE.format(table="erasures", lease=_LEASE))
_LEASE_READ_MARK = text(_LEASE_ONE.format(table="read_marks", lease=_LEASE))

_CONTINUE_ERASURE = text("UPDATE erasures SET next_step_at = now() WHERE user_id = :user_id")

# A delivery that ran beside the erasure may still write for the erased person. No function's transaction
# lasts for an hour: a step that finds nothing after that ends the erasure. Until then the wait for the next
# step is as long as the time that has passed already.
_END_ERASURE = text("""
WITH ended AS (
    DELETE FROM erasures WHERE user_id = :user_id AND erased_at < now() - interval '1 hour'
)
UPDATE erasures
SET next_step_at = now() + least(greatest(now() - erased_at, interval '1 minute'), interval '20 minutes')
WHERE user_id = :user_id AND erased_at >= now() - interval '1 hour'
""")

# Locked in the order of the key, as `read-all` does it. A mark that was moved meanwhile stays.
_MARK_READ = text(f"""
UPDATE notifications SET read_at = :read_at
WHERE user_id = :user_id AND read_at IS NULL AND written_at < :before AND id = ANY (ARRAY(
    SELECT id FROM notifications
    WHERE user_id = :user_id AND read_at IS NULL AND written_at < :before
    ORDER BY id LIMIT {_ROWS} FOR UPDATE))
""")  # noqa: S608 - constants only
_CONTINUE_READ_MARK = text("UPDATE read_marks SET next_step_at = now() WHERE user_id = :user_id")
_END_READ_MARK = text("DELETE FROM read_marks WHERE user_id = :user_id AND before = :before")


@dataclass(frozen=True, slots=True)
class Steps:
    """The number of steps of each kind in a tick."""

    erasures: int = 0
    read_marks: int = 0


def take_steps(engine: Engine, *, recipients_per_row: int, has_time: Callable[[], bool]) -> Steps:
    """Take steps of all jobs that are due, until none is due or `has_time` returns false."""

    def erase(connection: Connection, job: RowMapping) -> None:
        step = take_erasure_step(
            connection,
            job["user_id"],
            correlation_id=job["correlation_id"],
            recipients_per_row=recipients_per_row,
            # The messages were never sent: the next tick begins with them.
            first_retry_seconds=0,
        )
        end = _CONTINUE_ERASURE if step.more else _END_ERASURE
        connection.execute(end, {"user_id": job["user_id"]})

    def mark(connection: Connection, job: RowMapping) -> None:
        marked = connection.execute(
            _MARK_READ, {name: job[name] for name in ("user_id", "read_at", "before")}
        )
        if marked.rowcount == _ROWS:
            connection.execute(_CONTINUE_READ_MARK, {"user_id": job["user_id"]})
        else:
            connection.execute(_END_READ_MARK, {"user_id": job["user_id"], "before": job["before"]})

    # In turn: neither kind waits until the other is done.
    taken = {"erasures": 0, "read_marks": 0}
    idle = False
    while not idle and has_time():
        idle = True
        for kind, lease, take in (
            ("erasures", _LEASE_ERASURE, erase),
            ("read_marks", _LEASE_READ_MARK, mark),
        ):
            if _take_step(engine, lease, take):
                taken[kind] += 1
                idle = False
    return Steps(**taken)


def _take_step(
    engine: Engine, lease: TextClause, take: Callable[[Connection, RowMapping], None]
) -> UUID | None:
    with autocommit(engine) as connection:
        job = connection.execute(lease).mappings().one_or_none()
    if job is None:
        return None
    with transaction(engine) as connection:
        take(connection, job)
    user_id: UUID = job["user_id"]
    return user_id
