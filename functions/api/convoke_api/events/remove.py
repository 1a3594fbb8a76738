"""Removes a participant from an event; that person is notified, and nobody else."""

from uuid import UUID

from convoke.errors import NotFoundError
from convoke.notifications import NotificationType

from convoke_api.events.change_statement import make_change_statement, run_change
from convoke_api.events.locks import ensure_confirmed, lock_organized_event
from convoke_api.unit_of_work import UnitOfWork

_REMOVE = make_change_statement(
    NotificationType.PARTICIPANT_REMOVED,
    request_columns="user_id uuid",
    effect="""
removed AS (
    DELETE FROM event_participants AS part USING request
    WHERE part.event_id = request.event_id AND part.user_id = request.user_id
    RETURNING part.user_id AS id
)""",
    changed="removed",
    payload="'actor_id', event.organizer_id",
    recipients="SELECT removed.id FROM removed, event WHERE removed.id <> event.organizer_id",
    result="(SELECT count(*) FROM removed) AS removed",
)


def remove_participant(work: UnitOfWork, event_id: UUID, user_id: UUID) -> None:
    """Remove a participant and notify them; raises NotFoundError for a person who does not take part."""
    ensure_confirmed(lock_organized_event(work.connection, work.caller.id, event_id))
    row = run_change(work, _REMOVE, event_id, {"user_id": str(user_id)})
    if not row["removed"]:
        raise NotFoundError
