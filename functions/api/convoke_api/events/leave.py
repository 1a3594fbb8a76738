"""Takes the caller out of an event; no further notification of the event reaches the caller."""

from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.errors import NotFoundError
from convoke.notifications import NotificationType

from convoke_api.events.change_statement import make_change_statement, run_change
from convoke_api.events.locks import ensure_confirmed, lock_event
from convoke_api.people.visibility import insert_acquaintance
from convoke_api.unit_of_work import UnitOfWork

# Undelivered rows are locked by id, as the worker locks them. This waits for a delivery that is under way; a
# later one finds the rows without the caller, and so does the claim of a reminder, which resolves its
# recipients after it has the lock. An organizer who leaves is no longer a participant, and still gets the
# organizer's notifications.
_LEAVE = make_change_statement(
    NotificationType.PARTICIPANT_RESPONDED,
    request_columns="user_id uuid",
    effect="""
undelivered AS MATERIALIZED (
    SELECT outbox.id, outbox.recipient_ids FROM outbox, request
    WHERE outbox.event_id = request.event_id
      AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL
      AND (outbox.recipient_ids IS NULL OR request.user_id = ANY (outbox.recipient_ids))
    ORDER BY outbox.id
    FOR UPDATE OF outbox
),
departed AS (
    DELETE FROM event_participants AS part USING request
    WHERE part.event_id = request.event_id AND part.user_id = request.user_id
      AND (SELECT count(*) FROM undelivered) >= 0
    RETURNING part.user_id AS id, part.response_status
)""",
    changed="departed",
    payload=f"'actor_id', departed.id, 'response_status', '{ResponseStatus.DECLINED}'",
    payload_source="event, departed",
    recipients=f"""
    SELECT event.organizer_id AS id FROM event, departed
    WHERE event.organizer_id <> departed.id AND departed.response_status <> '{ResponseStatus.DECLINED}'
""",  # noqa: S608 - constants only
    consequences=f"""
withheld AS (
    UPDATE outbox SET recipient_ids = array_remove(outbox.recipient_ids, departed.id)
    FROM event, departed, undelivered
    WHERE outbox.id = undelivered.id AND undelivered.recipient_ids IS NOT NULL
      AND event.organizer_id <> departed.id
),
{insert_acquaintance("departed")}""",  # noqa: S608 - constants only
    result="(SELECT count(*) FROM departed) AS departed",
)


def leave_event(work: UnitOfWork, event_id: UUID) -> None:
    """Take the caller out of the event; the organizer is notified as of a declined invitation, once.

    Raises NotFoundError for a caller who does not take part, ConflictError for a cancelled event,
    QuotaExceededError for too many changes.
    """
    ensure_confirmed(lock_event(work.connection, work.caller.id, event_id))
    row = run_change(work, _LEAVE, event_id, {"user_id": str(work.caller.id)})
    if not row["departed"]:
        raise NotFoundError
