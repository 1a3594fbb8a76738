"""The first statement of every change to a meeting: lock its row, and learn what the caller may do.

Whoever changes the outbox of an event holds this lock and uses a statement of its own after it, with a fresh
snapshot: one statement doing both would not see the reminders that a change beside it has just written.
Locks are taken in the order user, event, quota usage, outbox; the worker locks the outbox alone
(docs/decisions/0005).
"""

from uuid import UUID

from convoke.domain import EventStatus
from convoke.errors import ConflictError, ForbiddenError, NotFoundError, PreconditionFailedError
from sqlalchemy import Connection, RowMapping, text

from convoke_api.web.etags import names_version

# The caller first: an erasure locks the person, then the meetings. Whoever waited for one is nobody then.
_LOCK = text("""
WITH caller AS MATERIALIZED (
    SELECT id FROM users WHERE id = :caller_id AND erased_at IS NULL FOR KEY SHARE
)
SELECT event.*, event.organizer_id = caller.id AS organizes
FROM caller CROSS JOIN events AS event
WHERE event.id = :event_id
  AND (event.organizer_id = caller.id
       OR EXISTS (SELECT FROM event_participants WHERE event_id = event.id AND user_id = caller.id))
FOR UPDATE OF event
""")


def lock_event(connection: Connection, caller_id: UUID, event_id: UUID) -> RowMapping:
    """The event's row, locked until the transaction ends.

    Raises NotFoundError for a stranger, and for a caller who has just been erased.
    """
    values = {"caller_id": caller_id, "event_id": event_id}
    row = connection.execute(_LOCK, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError
    return row


def lock_organized_event(connection: Connection, caller_id: UUID, event_id: UUID) -> RowMapping:
    """Like lock_event; raises ForbiddenError for a participant."""
    row = lock_event(connection, caller_id, event_id)
    if not row["organizes"]:
        raise ForbiddenError("Only the organizer may do this.")
    return row


def ensure_confirmed(event: RowMapping) -> None:
    """Raises ConflictError for a cancelled event: it stays as it is."""
    if event["status"] == EventStatus.CANCELLED:
        raise ConflictError("The event is cancelled.")


def ensure_version(event: RowMapping, if_match: str | None) -> None:
    """Raises PreconditionFailedError when If-Match names other versions only (RFC 9110, 13.1.1).

    Answers and participants do not count: what they change is no version of the event.
    """
    if not names_version(if_match, event["version"]):
        raise PreconditionFailedError
