"""Locks an event's row, the first statement of every change, and checks whether the caller may change it.

Every change that writes the outbox of an event holds this lock and uses a statement of its own after it, with
a fresh snapshot: one statement doing both would not see the reminders that a concurrent change has just
written (docs/decisions/0005). The order of all locks is in docs/architecture.md, "Transactions".
"""

from uuid import UUID

from convoke.domain import EventStatus
from convoke.errors import ConflictError, ForbiddenError, NotFoundError, PreconditionFailedError
from sqlalchemy import Connection, RowMapping, text

# The caller first: an erasure locks the person, then the events. A caller erased meanwhile has no row here.
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
    """Return the event's row, locked until the transaction ends.

    Raises NotFoundError for a caller who neither organizes the event nor takes part, or who was just erased.
    """
    values = {"caller_id": caller_id, "event_id": event_id}
    row = connection.execute(_LOCK, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError
    return row


def lock_organized_event(connection: Connection, caller_id: UUID, event_id: UUID) -> RowMapping:
    """Return the event's row as `lock_event` does; raises ForbiddenError for a participant."""
    row = lock_event(connection, caller_id, event_id)
    if not row["organizes"]:
        raise ForbiddenError("Only the organizer may do this.")
    return row


def ensure_confirmed(event: RowMapping) -> None:
    """Raise ConflictError for a cancelled event, which cannot be changed."""
    if event["status"] == EventStatus.CANCELLED:
        raise ConflictError("The event is cancelled.")


def ensure_version(event: RowMapping, allowed_versions: frozenset[str] | None) -> None:
    """Raise PreconditionFailedError when the event has none of the allowed versions; None allows all.

    RSVPs and participants do not change the version.
    """
    if allowed_versions is not None and str(event["version"]) not in allowed_versions:
        raise PreconditionFailedError
