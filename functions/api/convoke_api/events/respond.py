"""Sets a participant's RSVP; the organizer is notified when it differs from the one before."""

from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.errors import NotFoundError
from convoke.notifications import NotificationType
from sqlalchemy import RowMapping

from convoke_api.events.change_statement import make_change_statement, run_change
from convoke_api.events.locks import ensure_confirmed
from convoke_api.events.participants import find_participant
from convoke_api.events.schemas import Participant
from convoke_api.people.visibility import insert_acquaintance
from convoke_api.unit_of_work import UnitOfWork

_RESPOND = make_change_statement(
    NotificationType.PARTICIPANT_RESPONDED,
    request_columns="user_id uuid, response_status text",
    effect="""
responded AS (
    UPDATE event_participants AS part
    SET response_status = request.response_status, responded_at = clock_timestamp()
    FROM request
    WHERE part.event_id = request.event_id AND part.user_id = request.user_id
      AND part.response_status <> request.response_status
    RETURNING part.user_id AS id, part.response_status
)""",
    changed="responded",
    payload="'actor_id', responded.id, 'response_status', responded.response_status",
    payload_source="event, responded",
    recipients="""
    SELECT event.organizer_id AS id FROM event, responded WHERE event.organizer_id <> responded.id
""",
    consequences=insert_acquaintance("responded"),
)


def respond(work: UnitOfWork, event: RowMapping, response_status: ResponseStatus) -> Participant:
    """Set the caller's RSVP to the locked event; returns the caller as a participant.

    Raises NotFoundError for a caller who does not take part, ConflictError for a cancelled event,
    QuotaExceededError for too many RSVPs.
    """
    event_id: UUID = event["id"]
    ensure_confirmed(event)
    values = {"user_id": str(work.caller.id), "response_status": response_status.value}
    run_change(work, _RESPOND, event_id, values)
    participant = find_participant(work.connection, event_id, work.caller.id)
    if participant is None:
        raise NotFoundError
    return participant
