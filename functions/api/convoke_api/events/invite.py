"""People are added to a meeting and removed from it; each of them is told, and nobody else."""

import json
from uuid import UUID

from convoke.errors import DatabaseUnavailableError, NotFoundError
from sqlalchemy import RowMapping, text

from convoke_api.events.locks import ensure_confirmed, lock_organized_event
from convoke_api.events.schemas import ParticipantsAdd
from convoke_api.outbox.quotas import CHARGE, CHARGE_RECIPIENTS, REFUSAL, is_quota, quota_error
from convoke_api.outbox.statements import (
    INSERT_OUTBOX_ROWS,
    REQUEST_COLUMNS,
    finish_change,
    outbox_parameters,
    read_rows_to_send,
    rows_to_send,
)
from convoke_api.people.statements import (
    RESOLVE_PEOPLE,
    WHEN_UNKNOWN_IDS,
    ensure_participant_limit,
    participants_when,
    people_parameters,
    too_many_participants_error,
    unknown_ids_error,
)
from convoke_api.unit_of_work import UnitOfWork

#: Somebody else may make a person of an address at the same moment; more than that is no race.
_TRIES = 3

# The event is locked, so nobody else adds the same people now.
_INVITE = text(f"""
WITH request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request (
        event_id uuid, max_participants integer, charged boolean, {REQUEST_COLUMNS})
),
{RESOLVE_PEOPLE},
checked AS MATERIALIZED (
    SELECT CASE
        {WHEN_UNKNOWN_IDS}
        WHEN (SELECT count(*)
              FROM (SELECT part.user_id FROM event_participants AS part, request
                    WHERE part.event_id = request.event_id
                    UNION SELECT id FROM named) AS together)
             + (SELECT count(*) FROM addresses) - (SELECT count(invited_address) FROM named)
             > (SELECT max_participants FROM request) THEN 'too_many'
        ELSE 'invited'
    END AS outcome
),
-- A statement that runs again after a race was charged before, in the same transaction.
act AS MATERIALIZED (
    SELECT event.organizer_id AS actor_id,
           (SELECT count(DISTINCT named.id) FROM named
            WHERE named.id <> event.organizer_id
              AND NOT EXISTS (SELECT FROM event_participants AS part
                              WHERE part.event_id = event.id AND part.user_id = named.id))
           + (SELECT count(*) FROM addresses) - (SELECT count(invited_address) FROM named) AS recipients,
           CAST(NULL AS integer) AS create_quota, CAST(NULL AS integer) AS create_quota_seconds
    FROM checked, request JOIN events AS event ON event.id = request.event_id
    WHERE checked.outcome = 'invited' AND NOT request.charged
      AND (request.notify_ended OR event.ends_at > now())
),
{CHARGE},
decision AS MATERIALIZED (
    SELECT coalesce(charge.refusal, checked.outcome) AS outcome, charge.retry_after_seconds
    FROM checked LEFT JOIN charge ON true
),
{participants_when("invited")},
added AS (
    INSERT INTO event_participants (event_id, user_id, invited_address)
    SELECT request.event_id, participants.id, participants.invited_address
    FROM request, participants, decision, found
    WHERE decision.outcome = 'invited' AND found.all_of_them
      AND NOT EXISTS (SELECT FROM event_participants AS part
                      WHERE part.event_id = request.event_id AND part.user_id = participants.id)
    ORDER BY participants.id
    RETURNING user_id AS id
),
event AS (
    UPDATE events
    SET updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request WHERE events.id = request.event_id AND EXISTS (SELECT FROM added)
    RETURNING events.*
),
fact AS (
    SELECT 'event_invited' AS type, event.updated_at AS at,
           jsonb_build_object('actor_id', event.organizer_id) AS payload
    FROM event
),
recipients AS (
    SELECT added.id FROM added, event WHERE added.id <> event.organizer_id
),
{INSERT_OUTBOX_ROWS}
SELECT CASE WHEN decision.outcome = 'invited' AND NOT found.all_of_them THEN 'raced'
            ELSE decision.outcome END AS outcome,
       decision.retry_after_seconds,
       (SELECT count(*) FROM added) AS added, {rows_to_send("told")} AS rows_to_send
FROM decision, found
""")  # noqa: S608 - constants only

_REMOVE = text(f"""
WITH request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request (
        event_id uuid, user_id uuid, {REQUEST_COLUMNS})
),
removed AS (
    DELETE FROM event_participants AS part USING request
    WHERE part.event_id = request.event_id AND part.user_id = request.user_id
    RETURNING part.user_id AS id
),
event AS (
    UPDATE events
    SET updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request WHERE events.id = request.event_id AND EXISTS (SELECT FROM removed)
    RETURNING events.*
),
fact AS (
    SELECT 'participant_removed' AS type, event.updated_at AS at,
           jsonb_build_object('actor_id', event.organizer_id) AS payload
    FROM event
),
recipients AS (
    SELECT removed.id FROM removed, event WHERE removed.id <> event.organizer_id
),
{CHARGE_RECIPIENTS},
{INSERT_OUTBOX_ROWS}
SELECT (SELECT count(*) FROM removed) AS removed, {rows_to_send("told")} AS rows_to_send, {REFUSAL}
""")  # noqa: S608 - constants only


def invite(work: UnitOfWork, event: RowMapping, body: ParticipantsAdd) -> int:
    """Add those who do not take part yet in the locked event and invite them; returns how many.

    Raises ConflictError (cancelled), UnacceptableError or QuotaExceededError.
    """
    limit = work.settings.max_participants
    ensure_participant_limit(body.participant_ids, body.participant_emails, limit)
    ensure_confirmed(event)
    people = people_parameters(body.participant_ids, body.participant_emails)
    request: dict[str, object] = {
        **outbox_parameters(work),
        "event_id": str(event["id"]),
        "max_participants": limit,
        "charged": False,
    }
    for _ in range(_TRIES):
        row = work.connection.execute(_INVITE, {"request": json.dumps(request), **people}).one()
        match row.outcome:
            case "invited":
                work.rows_to_send += read_rows_to_send(row.rows_to_send)
                return int(row.added)
            case "raced":
                request["charged"] = True
            case "too_many":
                raise too_many_participants_error(limit, "")
            case quota if is_quota(quota):
                raise quota_error(quota, row.retry_after_seconds, work.settings)
            case _:
                raise unknown_ids_error(work.connection, people)
    raise DatabaseUnavailableError("the invited could not be found for other requests' sake")


def remove_participant(work: UnitOfWork, event_id: UUID, user_id: UUID) -> None:
    """Take somebody out of the meeting and tell them; raises NotFoundError when they do not take part."""
    ensure_confirmed(lock_organized_event(work.connection, work.caller.id, event_id))
    request = {**outbox_parameters(work), "event_id": str(event_id), "user_id": str(user_id)}
    row = work.connection.execute(_REMOVE, {"request": json.dumps(request)}).mappings().one()
    if not row["removed"]:
        raise NotFoundError
    finish_change(work, row)
