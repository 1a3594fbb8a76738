"""A meeting is cancelled: exactly once, and no reminder of it commits after that."""

import json
from uuid import UUID

from convoke.domain import EventStatus
from sqlalchemy import text

from convoke_api.dependencies import UnitOfWork
from convoke_api.event_locks import check_version, lock_organized_event
from convoke_api.fields import HIGHEST_SEQUENCE
from convoke_api.outbox_statements import (
    PENDING_REMINDERS,
    REQUEST_COLUMNS,
    TELL,
    describe_outbox,
    doorbells,
    read_doorbells,
)

_CANCEL = text(f"""
WITH request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request (event_id uuid, {REQUEST_COLUMNS})
),
{PENDING_REMINDERS},
event AS (
    UPDATE events
    SET status = 'cancelled', version = events.version + 1,
        sequence = least(events.sequence, {HIGHEST_SEQUENCE} - 1) + 1,
        updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request WHERE events.id = request.event_id
    RETURNING events.*
),
fact AS (
    SELECT 'event_cancelled' AS type, event.updated_at AS at,
           jsonb_build_object('actor_id', event.organizer_id) AS payload
    FROM event
),
recipients AS (
    SELECT part.user_id AS id
    FROM event JOIN event_participants AS part ON part.event_id = event.id
    WHERE part.user_id <> event.organizer_id
),
{TELL},
withdrawn AS (
    UPDATE outbox SET cancelled_at = fact.at FROM fact, pending WHERE outbox.id = pending.id
)
SELECT {doorbells("told")} AS doorbells
""")  # noqa: S608 - constants only


def cancel_event(work: UnitOfWork, event_id: UUID, *, if_match: str | None) -> None:
    """Cancel the event and tell its participants; nothing happens when it is cancelled already.

    That it is done already is also the answer to a stale If-Match then (RFC 9110, 13.1.1).
    """
    event = lock_organized_event(work.connection, work.caller.id, event_id)
    if event["status"] == EventStatus.CANCELLED:
        return
    check_version(event, if_match)
    withdraw_event(work, event_id)


def withdraw_event(work: UnitOfWork, event_id: UUID) -> None:
    """Cancel an event that the caller has locked and found confirmed."""
    request = {**describe_outbox(work), "event_id": str(event_id)}
    work.doorbells += read_doorbells(
        work.connection.execute(_CANCEL, {"request": json.dumps(request)}).scalar_one()
    )
