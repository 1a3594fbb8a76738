"""A participant answers an invitation; the organizer is told when the answer is another one than before."""

import json
from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.errors import NotFoundError
from sqlalchemy import RowMapping, text

from convoke_api.events.locks import ensure_confirmed
from convoke_api.events.participants import find_participant
from convoke_api.events.schemas import Participant
from convoke_api.outbox.quotas import CHARGE_RECIPIENTS, REFUSAL
from convoke_api.outbox.statements import (
    INSERT_OUTBOX_ROWS,
    REQUEST_COLUMNS,
    finish_change,
    outbox_parameters,
    rows_to_send,
)
from convoke_api.unit_of_work import UnitOfWork

_ANSWER = text(f"""
WITH request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request (
        event_id uuid, user_id uuid, response_status text, {REQUEST_COLUMNS})
),
answered AS (
    UPDATE event_participants AS part
    SET response_status = request.response_status, responded_at = clock_timestamp()
    FROM request
    WHERE part.event_id = request.event_id AND part.user_id = request.user_id
      AND part.response_status <> request.response_status
    RETURNING part.user_id AS id, part.response_status
),
event AS (
    UPDATE events
    SET updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request WHERE events.id = request.event_id AND EXISTS (SELECT FROM answered)
    RETURNING events.*
),
-- From now on the organizer sees who it is (convoke_api.people.visibility).
acquainted AS (
    INSERT INTO acquaintances (organizer_id, user_id)
    SELECT event.organizer_id, answered.id FROM event, answered WHERE event.organizer_id <> answered.id
    ON CONFLICT DO NOTHING
),
fact AS (
    SELECT 'participant_responded' AS type, event.updated_at AS at,
           jsonb_build_object('actor_id', answered.id, 'response_status', answered.response_status) AS payload
    FROM event, answered
),
recipients AS (
    SELECT event.organizer_id AS id FROM event, answered WHERE event.organizer_id <> answered.id
),
{CHARGE_RECIPIENTS},
{INSERT_OUTBOX_ROWS}
SELECT {rows_to_send("told")} AS rows_to_send, {REFUSAL}
""")  # noqa: S608 - constants only


def answer(work: UnitOfWork, event: RowMapping, response_status: ResponseStatus) -> Participant:
    """Set the caller's answer to the locked event; returns the caller as a participant.

    Raises NotFoundError for whoever does not take part, ConflictError for a cancelled event,
    QuotaExceededError for too many answers.
    """
    event_id: UUID = event["id"]
    ensure_confirmed(event)
    request = {
        **outbox_parameters(work),
        "event_id": str(event_id),
        "user_id": str(work.caller.id),
        "response_status": response_status.value,
    }
    finish_change(work, work.connection.execute(_ANSWER, {"request": json.dumps(request)}).mappings().one())
    participant = find_participant(work.connection, event_id, work.caller.id)
    if participant is None:
        raise NotFoundError
    return participant
