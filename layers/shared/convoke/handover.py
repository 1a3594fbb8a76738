"""Hands over an address's invitations to the person who holds the address now, in bounded steps.

Shared by the API, which takes the first step when an address changes hands, and the relay, which takes the
others.

An address changes hands in a transaction of its own (`convoke_api.people.addresses`), which leaves a row of
`former_addresses` for each former holder. The participations through that address that have no RSVP are
re-pointed to the holder, and so are the undelivered outbox rows of those events. A waiting person, who never
signed in, is merged into the holder: all participations, all notifications, and the blocks that name the
waiting person are re-pointed.

Locks are taken in the order of docs/architecture.md, "Transactions". Statements that resolved the address
before it changed hands may still write for the former holder: each row of `former_addresses` is processed
again, at growing intervals, for longer than a message can live.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from convoke.database.arrays import uuid_array
from convoke.notifications import NotificationType, list_types

#: The most participations, notifications and blocks that one step re-points, of each kind.
STEP = 1_000
#: A message can live for 14 days in the queue, and as long in the dead-letter queue (compare the retention
#: of outbox rows).
_WATCH_DAYS = 36

# The holder keeps the address until the step has ended, and is not erased meanwhile.
_LOCK_HOLDER = text("""
SELECT holder.id AS holder_id, former_user.subject_hash IS NULL AS waiting, former.taken_at
FROM former_addresses AS former
JOIN users AS holder ON holder.email_key = former.email_key
JOIN users AS former_user ON former_user.id = former.user_id
WHERE former.email_key = :email_key AND former.user_id = :former_id AND former.taken_at IS NOT NULL
  AND holder.subject_hash IS NOT NULL AND holder.erased_at IS NULL AND holder.id <> former_user.id
FOR KEY SHARE OF holder
""")

_IS_HANDED_OVER = (
    "(CAST(:waiting AS boolean) OR (part.invited_address = :email_key AND part.responded_at IS NULL))"
)

_LOCK_EVENTS = text(f"""
SELECT event.id
FROM event_participants AS part JOIN events AS event ON event.id = part.event_id
WHERE part.user_id = :former_id AND {_IS_HANDED_OVER}
ORDER BY event.id LIMIT {STEP}
FOR UPDATE OF event
""")  # noqa: S608 - constants only

# RSVPs to the former holder's own events stay the former holder's.
_TO_ORGANIZER = list_types(it for it in NotificationType if it.to_organizer)
_UNDELIVERED = f"""
    outbox.event_id = ANY (CAST(:event_ids AS uuid[])) AND outbox.type NOT IN ({_TO_ORGANIZER})
    AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL
    AND :former_id = ANY (outbox.recipient_ids)"""

# In the order in which the worker locks rows.
_LOCK_OUTBOX = text(f"""
SELECT outbox.id FROM outbox WHERE {_UNDELIVERED} ORDER BY outbox.id FOR UPDATE
""")  # noqa: S608 - constants only

# A holder who is a participant already keeps that participation, and is notified by it.
_MOVE_PARTICIPATIONS = text(f"""
WITH handed_over AS MATERIALIZED (
    SELECT part.event_id,
           EXISTS (SELECT FROM event_participants AS own
                   WHERE own.event_id = part.event_id AND own.user_id = :holder_id) AS merged
    FROM event_participants AS part
    WHERE part.user_id = :former_id AND part.event_id = ANY (CAST(:event_ids AS uuid[])) AND {_IS_HANDED_OVER}
),
moved AS (
    UPDATE event_participants AS part SET user_id = :holder_id
    FROM handed_over
    WHERE part.event_id = handed_over.event_id AND part.user_id = :former_id AND NOT handed_over.merged
),
merged AS (
    DELETE FROM event_participants AS part USING handed_over
    WHERE part.event_id = handed_over.event_id AND part.user_id = :former_id AND handed_over.merged
)
UPDATE outbox
SET recipient_ids = CASE
        WHEN handed_over.merged OR :holder_id = ANY (recipient_ids)
        THEN array_remove(recipient_ids, :former_id)
        ELSE array_replace(recipient_ids, :former_id, :holder_id) END
FROM handed_over
WHERE outbox.event_id = handed_over.event_id AND {_UNDELIVERED}
""")  # noqa: S608 - constants only

# `written_at` becomes the time at which the row came into this inbox: `read-all` compares it. Notifications
# of the holder's own acts are dropped.
# Arrays, not joins: whatever the planner expects, each row is looked up by its key.
_MOVE_NOTIFICATIONS = """
WITH handed_over AS MATERIALIZED (
    SELECT id, actor_id FROM notifications
    WHERE user_id = :former_id {condition} ORDER BY id LIMIT {step} FOR UPDATE
),
dropped AS MATERIALIZED (
    SELECT handed_over.id FROM handed_over WHERE handed_over.actor_id = :holder_id
    UNION
    SELECT id FROM notifications WHERE user_id = :holder_id AND id = ANY (ARRAY(SELECT id FROM handed_over))
),
moved AS (
    UPDATE notifications SET user_id = :holder_id, written_at = clock_timestamp()
    WHERE user_id = :former_id
      AND id = ANY (ARRAY(SELECT id FROM handed_over EXCEPT SELECT id FROM dropped))
),
removed AS (
    DELETE FROM notifications WHERE user_id = :former_id AND id = ANY (ARRAY(SELECT id FROM dropped))
)
SELECT count(*) FROM handed_over
"""
_MOVE_ALL_NOTIFICATIONS = text(_MOVE_NOTIFICATIONS.format(condition="", step=STEP))
# A former holder who has signed in keeps the notifications from before. Ids sort by the time of the change,
# which precedes the writing.
_MOVE_LATE_NOTIFICATIONS = text(
    _MOVE_NOTIFICATIONS.format(
        condition="""
      AND id > (SELECT uuid7_at(CAST(:taken_at AS timestamptz) - interval '1 day'))
      AND written_at > CAST(:taken_at AS timestamptz)
      AND event_id = ANY (CAST(:event_ids AS uuid[]))""",
        step=STEP,
    )
)

# Both columns can hold the waiting person. Blocks that the holder has already are dropped, and so are those
# that would name the holder twice. Arrays: each row is looked up by its key.
_MOVE_BLOCKS = text(f"""
WITH of_former AS (
    DELETE FROM blocks WHERE blocked_id = :former_id AND user_id = ANY (ARRAY(
        SELECT user_id FROM blocks WHERE blocked_id = :former_id ORDER BY user_id LIMIT {STEP}))
    RETURNING user_id, created_at
),
by_former AS (
    DELETE FROM blocks WHERE user_id = :former_id AND blocked_id = ANY (ARRAY(
        SELECT blocked_id FROM blocks WHERE user_id = :former_id ORDER BY blocked_id LIMIT {STEP}))
    RETURNING blocked_id, created_at
),
moved AS (
    INSERT INTO blocks (user_id, blocked_id, created_at)
    SELECT user_id, :holder_id, created_at FROM of_former WHERE user_id <> :holder_id
    UNION ALL
    SELECT :holder_id, blocked_id, created_at FROM by_former WHERE blocked_id <> :holder_id
    ON CONFLICT DO NOTHING
)
SELECT (SELECT count(*) FROM of_former) + (SELECT count(*) FROM by_former)
""")  # noqa: S608 - constants only

_POSTPONE = text(f"""
WITH former AS (
    UPDATE former_addresses
    SET next_attempt_at = CASE WHEN CAST(:more AS boolean) THEN now()
                               ELSE now() + greatest(interval '1 minute', now() - taken_at) END
    WHERE email_key = :email_key AND user_id = :former_id AND taken_at IS NOT NULL
    RETURNING taken_at
)
SELECT count(*) FROM former
WHERE NOT CAST(:more AS boolean) AND taken_at < now() - interval '{_WATCH_DAYS} days'
""")  # noqa: S608 - constants only

_FORGET = text("DELETE FROM former_addresses WHERE email_key = :email_key AND user_id = :former_id")
_REMOVE_WAITING = text("""
DELETE FROM users
WHERE id = :former_id AND subject_hash IS NULL AND email_key IS NULL
  AND NOT EXISTS (SELECT FROM event_participants WHERE user_id = :former_id)
  AND NOT EXISTS (SELECT FROM notifications WHERE user_id = :former_id)
  AND NOT EXISTS (SELECT FROM former_addresses WHERE user_id = :former_id)
  AND NOT EXISTS (SELECT FROM blocks WHERE user_id = :former_id)
  AND NOT EXISTS (SELECT FROM blocks WHERE blocked_id = :former_id)
""")


@dataclass(frozen=True, slots=True)
class FormerHolder:
    """A row of `former_addresses`: a person and the address that another person holds now."""

    email_key: str
    user_id: UUID


def hand_over(connection: Connection, former: FormerHolder) -> bool:
    """Take one step in the caller's transaction; return whether there may be more to do at once."""
    names = {"email_key": former.email_key, "former_id": former.user_id}
    holder = connection.execute(_LOCK_HOLDER, names).one_or_none()
    more = holder is not None and _move(connection, {**names, **holder._mapping})
    watched_long_enough = connection.execute(_POSTPONE, {**names, "more": more}).scalar_one()
    if watched_long_enough and holder is not None:
        connection.execute(_FORGET, names)
        connection.execute(_REMOVE_WAITING, {"former_id": former.user_id})
    return more


def _move(connection: Connection, values: dict[str, Any]) -> bool:
    events: Sequence[UUID] = connection.execute(_LOCK_EVENTS, values).scalars().all()
    values["event_ids"] = uuid_array(events)
    notifications = blocks = 0
    if events:
        connection.execute(_LOCK_OUTBOX, values)
        connection.execute(_MOVE_PARTICIPATIONS, values)
    if values["waiting"]:
        notifications = connection.execute(_MOVE_ALL_NOTIFICATIONS, values).scalar_one()
        blocks = connection.execute(_MOVE_BLOCKS, values).scalar_one()
    elif events:
        notifications = connection.execute(_MOVE_LATE_NOTIFICATIONS, values).scalar_one()
    return len(events) == STEP or notifications == STEP or blocks >= STEP
