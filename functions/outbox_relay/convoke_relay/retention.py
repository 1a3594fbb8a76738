"""What has served its time goes, a bounded step at each tick; nothing undelivered ever does.

No step scans a table: old outbox rows lie at the beginning of their key, which is the time of the fact (a
reminder that was withdrawn goes when the time at which it would have been due is old); notifications are
taken a few people at a time, from a place drawn by chance, so that everybody's turn comes without anything
being remembered between ticks. What somebody else holds is left for the next tick: nobody waits for this.
"""

from dataclasses import dataclass, fields

from convoke.database.transactions import autocommit
from convoke.domain import KEY_LIFETIME
from sqlalchemy import Engine, text

# Part of the texts: a plan for all values (ADR 0035) takes a bound LIMIT for a tenth of the table.
_STEP = 1_000
_PEOPLE = 200

# Locked in id order, as the worker does. A message can live for 14 days in the queue and the dead-letter
# queue together with its redrive: the row must be there to say that it was delivered.
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
    -- The beginning follows the end: whoever stands there would hardly ever have a turn.
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
    """How long things are kept, in days. `outbox_days` is 35 at least: longer than a message can live."""

    outbox_days: int
    notification_days: int


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows of each kind one step has removed."""

    outbox_rows: int = 0
    read_notifications: int = 0
    idempotency_records: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def remove_expired(engine: Engine, retention: Retention) -> Removed:
    """One step: at most a thousand rows of each kind, each kind in a transaction of its own."""
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
