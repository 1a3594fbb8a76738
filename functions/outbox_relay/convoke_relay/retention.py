"""Removes expired rows, a bounded step at each tick; an undelivered row is never removed.

No step scans a table: old outbox rows lie at the beginning of their key, which is the time of the change (a
cancelled reminder is removed when the time at which it would have been due is old); notifications are taken
a few people at a time, from a random place, so that every person has a turn without any state between ticks.
Locked rows are left for the next tick: nothing waits for retention.
"""

from dataclasses import dataclass, fields

from convoke.database.transactions import autocommit
from convoke.domain import KEY_LIFETIME
from sqlalchemy import Engine, text

# Part of the texts: a plan for all values (ADR 0035) takes a bound LIMIT for a tenth of the table.
_STEP = 1_000
_PEOPLE = 200

# Locked in id order, as the worker does. A message can live for 14 days in the queue and the dead-letter
# queue together with its redrive: the row must still be there, marked as delivered.
# An array, not `IN`: whatever the planner expects, each row is then looked up by its key. (The others are
# joined: a table that is smaller than a thousand lookups may be scanned.)
_DELETE_OUTBOX_ROWS = text(f"""
DELETE FROM outbox
WHERE id = ANY (ARRAY(
    SELECT id FROM outbox
    WHERE id < (SELECT uuid7_at(now() - make_interval(days => :outbox_days)))
      AND (delivered_at < now() - make_interval(days => :outbox_days)
           OR cancelled_at < now() - make_interval(days => :outbox_days))
    ORDER BY id LIMIT {_STEP}
    FOR UPDATE SKIP LOCKED))
""")  # noqa: S608 - constants only

_DELETE_READ_NOTIFICATIONS = text(f"""
WITH people AS MATERIALIZED (
    (SELECT id FROM users WHERE id >= (SELECT gen_random_uuid()) ORDER BY id LIMIT {_PEOPLE})
    UNION ALL
    -- The beginning follows the end: the first people would hardly ever have a turn otherwise.
    (SELECT id FROM users ORDER BY id LIMIT {_PEOPLE})
    LIMIT {_PEOPLE}
), old AS MATERIALIZED (
    SELECT notification.user_id, notification.id
    FROM people CROSS JOIN LATERAL (
        SELECT user_id, id FROM notifications
        WHERE user_id = people.id
          AND id < (SELECT uuid7_at(now() - make_interval(days => :notification_days)))
          AND read_at < now() - make_interval(days => :notification_days)
        ORDER BY id LIMIT {_STEP}
        FOR UPDATE SKIP LOCKED
    ) AS notification
    LIMIT {_STEP}
)
DELETE FROM notifications USING old
WHERE notifications.user_id = old.user_id AND notifications.id = old.id
""")  # noqa: S608 - constants only

_DELETE_IDEMPOTENCY_RECORDS = text(f"""
DELETE FROM idempotency_records
WHERE (user_id, scope, key) IN (
    SELECT user_id, scope, key FROM idempotency_records
    WHERE created_at < now() - interval '{KEY_LIFETIME}'
    ORDER BY created_at LIMIT {_STEP}
    FOR UPDATE SKIP LOCKED)
""")  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Retention:
    """The retention periods, in days. `outbox_days` is 35 at least: longer than a message can live."""

    outbox_days: int
    notification_days: int


@dataclass(frozen=True, slots=True)
class Removed:
    """The number of rows of each kind that one step removed."""

    outbox_rows: int = 0
    read_notifications: int = 0
    idempotency_records: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def remove_expired(engine: Engine, retention: Retention) -> Removed:
    """Take one step: remove at most a thousand rows of each kind, each in a transaction of its own."""
    values = {"outbox_days": retention.outbox_days, "notification_days": retention.notification_days}
    with autocommit(engine) as connection:
        return Removed(
            *(
                connection.execute(statement, values).rowcount
                for statement in (
                    _DELETE_OUTBOX_ROWS,
                    _DELETE_READ_NOTIFICATIONS,
                    _DELETE_IDEMPOTENCY_RECORDS,
                )
            )
        )
