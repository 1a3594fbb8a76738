"""Erases a person in bounded steps (GDPR, art. 17): the API takes the first one, the relay the others.

The API's transaction empties the row of the person in `users`, so that the person can no longer be reached,
and adds a row to `erasures`. Each step cancels some of the future events, and deletes some of the person's
rows. The row of `erasures` stays until a step finds nothing, and until no delivery that began before the
erasure can write any more (docs/decisions/0049).
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from convoke.cancellation import cancel_events
from convoke.database.arrays import uuid_array
from convoke.outbox import OutboxRow

# Bounds of a step. Part of the texts, as a bound LIMIT is planned for a tenth of the table (ADR 0035).
_EVENTS = 200
_PARTICIPANTS = 20_000
_ROWS = 5_000

# By start: the next events are cancelled first.
_PAGE = text(f"""
SELECT page.id, page.open,
       CASE WHEN page.open THEN
           (SELECT count(*) FROM (SELECT FROM event_participants AS part WHERE part.event_id = page.id
                                  LIMIT {_PARTICIPANTS}) AS counted)
       ELSE 0 END AS participants
FROM erasures CROSS JOIN LATERAL (
    SELECT event.id, event.starts_at, event.status = 'confirmed' AND event.ends_at > now() AS open
    FROM events AS event
    WHERE event.organizer_id = erasures.user_id
      AND (event.starts_at, event.id) > (erasures.events_after, erasures.events_after_id)
    ORDER BY event.starts_at, event.id LIMIT {_EVENTS}
) AS page
WHERE erasures.user_id = :user_id
ORDER BY page.starts_at, page.id
""")  # noqa: S608 - constants only

_LOCK_EVENTS = text("""
SELECT id FROM events
WHERE id = ANY (CAST(:event_ids AS uuid[])) AND status = 'confirmed'
ORDER BY id
FOR UPDATE
""")

_ADVANCE = text("""
UPDATE erasures SET events_after = event.starts_at, events_after_id = event.id
FROM events AS event
WHERE erasures.user_id = :user_id AND event.id = :event_id
""")

# In the order of `read-all`, which may run beside this. An array: each row is looked up by its key.
_DELETE_NOTIFICATIONS = text(f"""
DELETE FROM notifications
WHERE user_id = :user_id AND id = ANY (ARRAY(
    SELECT id FROM notifications WHERE user_id = :user_id ORDER BY id LIMIT {_ROWS} FOR UPDATE))
""")  # noqa: S608 - constants only

_DELETE_RECORDS = text(f"""
DELETE FROM idempotency_records
WHERE user_id = :user_id AND (scope, key) IN (
    SELECT scope, key FROM idempotency_records WHERE user_id = :user_id
    ORDER BY scope, key LIMIT {_ROWS} FOR UPDATE)
""")  # noqa: S608 - constants only

# Addresses by which the person was invited. An array: each row is looked up by its key.
_FORGET_ADDRESSES = text(f"""
UPDATE event_participants SET invited_address = NULL
WHERE user_id = :user_id AND event_id = ANY (ARRAY(
    SELECT event_id FROM event_participants
    WHERE user_id = :user_id AND invited_address IS NOT NULL
    ORDER BY event_id LIMIT {_ROWS} FOR UPDATE))
""")  # noqa: S608 - constants only

# The organizers to whom the person's name is shown.
_DELETE_ACQUAINTANCES = text(f"""
DELETE FROM acquaintances
WHERE user_id = :user_id AND organizer_id = ANY (ARRAY(
    SELECT organizer_id FROM acquaintances WHERE user_id = :user_id LIMIT {_ROWS}))
""")  # noqa: S608 - constants only

# Each a few rows at most; a person's blocks are bounded by the API. Others' blocks of the erased person stay:
# the last acts of the person may still be undelivered.
_DELETE_BOUNDED = tuple(
    text(f"DELETE FROM {table} WHERE user_id = :user_id")  # noqa: S608 - constants only
    for table in ("blocks", "read_marks", "quota_usage", "former_addresses")
)


@dataclass(frozen=True, slots=True)
class ErasureStep:
    """The result of a step: the outbox rows that it wrote, and whether more may be left to do."""

    outbox_rows: list[OutboxRow]
    more: bool


def take_erasure_step(
    connection: Connection,
    user_id: UUID,
    *,
    correlation_id: str,
    recipients_per_row: int,
    first_retry_seconds: float,
) -> ErasureStep:
    """Take one bounded step of the erasure that has a row in `erasures`, in the caller's transaction.

    Locks are taken in the order of docs/architecture.md, "Transactions".
    """
    page = connection.execute(_PAGE, {"user_id": user_id}).all()
    taken, participants = 0, 0
    for event in page:
        participants += event.participants
        if taken and participants > _PARTICIPANTS:
            break
        taken += 1
    outbox_rows: list[OutboxRow] = []
    if taken:
        open_ids = uuid_array(event.id for event in page[:taken] if event.open)
        event_ids = connection.execute(_LOCK_EVENTS, {"event_ids": open_ids}).scalars().all()
        if event_ids:
            outbox_rows = cancel_events(
                connection,
                event_ids,
                correlation_id=correlation_id,
                recipients_per_row=recipients_per_row,
                first_retry_seconds=first_retry_seconds,
            )
        connection.execute(_ADVANCE, {"user_id": user_id, "event_id": page[taken - 1].id})
    more = taken < len(page) or taken == _EVENTS
    for statement in (_DELETE_NOTIFICATIONS, _DELETE_RECORDS, _FORGET_ADDRESSES, _DELETE_ACQUAINTANCES):
        more |= connection.execute(statement, {"user_id": user_id}).rowcount == _ROWS
    for statement in _DELETE_BOUNDED:
        connection.execute(statement, {"user_id": user_id})
    return ErasureStep(outbox_rows, more)
