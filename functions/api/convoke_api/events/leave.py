"""Leaves an event: the caller takes part no longer, and nothing more of the event reaches the caller."""

import json
from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.errors import NotFoundError
from sqlalchemy import text

from convoke_api.events.locks import ensure_confirmed, lock_event
from convoke_api.outbox.quotas import CHARGE_RECIPIENTS, REFUSAL
from convoke_api.outbox.statements import (
    INSERT_OUTBOX_ROWS,
    REQUEST_COLUMNS,
    finish_change,
    outbox_parameters,
    rows_to_send,
)
from convoke_api.unit_of_work import UnitOfWork

# Undelivered rows are locked in the order in which the worker locks rows: what the worker is just delivering
# to the caller is committed before this is, and what it delivers later is without the caller. That counts for
# reminders too, whose recipients are those who take part when the worker has the lock. An organizer who
# leaves takes part no longer, and is told as the organizer as before.
_LEAVE = text(f"""
WITH request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request (
        event_id uuid, user_id uuid, {REQUEST_COLUMNS})
),
undelivered AS MATERIALIZED (
    SELECT outbox.id, outbox.recipient_ids FROM outbox, request
    WHERE outbox.event_id = request.event_id
      AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL
      AND (outbox.recipient_ids IS NULL OR request.user_id = ANY (outbox.recipient_ids))
    ORDER BY outbox.id
    FOR UPDATE OF outbox
),
left_by AS (
    DELETE FROM event_participants AS part USING request
    WHERE part.event_id = request.event_id AND part.user_id = request.user_id
      AND (SELECT count(*) FROM undelivered) >= 0
    RETURNING part.user_id AS id, part.response_status
),
event AS (
    UPDATE events
    SET updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request WHERE events.id = request.event_id AND EXISTS (SELECT FROM left_by)
    RETURNING events.*
),
withheld AS (
    UPDATE outbox SET recipient_ids = array_remove(outbox.recipient_ids, left_by.id)
    FROM event, left_by, undelivered
    WHERE outbox.id = undelivered.id AND undelivered.recipient_ids IS NOT NULL
      AND event.organizer_id <> left_by.id
),
fact AS (
    SELECT 'participant_responded' AS type, event.updated_at AS at,
           jsonb_build_object('actor_id', left_by.id,
                              'response_status', '{ResponseStatus.DECLINED}') AS payload
    FROM event, left_by
),
recipients AS (
    SELECT event.organizer_id AS id FROM event, left_by
    WHERE event.organizer_id <> left_by.id AND left_by.response_status <> '{ResponseStatus.DECLINED}'
),
{CHARGE_RECIPIENTS},
{INSERT_OUTBOX_ROWS}
SELECT (SELECT count(*) FROM left_by) AS participants_left, {rows_to_send("told")} AS rows_to_send, {REFUSAL}
""")  # noqa: S608 - constants only


def leave_event(work: UnitOfWork, event_id: UUID) -> None:
    """Take the caller out of the event; the organizer is told as of a declined invitation, once.

    Raises NotFoundError when the caller does not take part, ConflictError for a cancelled event,
    QuotaExceededError for too many changes.
    """
    ensure_confirmed(lock_event(work.connection, work.caller.id, event_id))
    request = {**outbox_parameters(work), "event_id": str(event_id), "user_id": str(work.caller.id)}
    row = work.connection.execute(_LEAVE, {"request": json.dumps(request)}).mappings().one()
    if not row["participants_left"]:
        raise NotFoundError
    finish_change(work, row)
