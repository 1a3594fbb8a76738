"""Cancels an event exactly once; no reminder of it is committed after that."""

from uuid import UUID

from convoke.cancellation import cancel_events
from convoke.domain import EventStatus

from convoke_api.events.locks import ensure_version, lock_organized_event
from convoke_api.unit_of_work import UnitOfWork


def cancel_event(work: UnitOfWork, event_id: UUID, *, allowed_versions: frozenset[str] | None) -> None:
    """Cancel the event and notify its participants; nothing happens when it is cancelled already.

    That also holds for a version that is not allowed (RFC 9110, 13.1.1). Charged to no quota: an organizer
    can always cancel.
    """
    event = lock_organized_event(work.connection, work.caller.id, event_id)
    if event["status"] == EventStatus.CANCELLED:
        return
    ensure_version(event, allowed_versions)
    work.rows_to_send += cancel_events(
        work.connection,
        [event_id],
        correlation_id=work.correlation_id,
        recipients_per_row=work.settings.recipients_per_row,
        first_retry_seconds=work.settings.first_retry_seconds,
        notify_ended=work.notify_ended,
    )
