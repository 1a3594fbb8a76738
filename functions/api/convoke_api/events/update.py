"""A meeting changes: what of it people can see decides who is told, and when reminders are due moves them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from convoke.domain import HIGHEST_SEQUENCE
from convoke.errors import Problem, UnacceptableError
from convoke.outbox import PAYLOAD
from sqlalchemy import RowMapping, text

from convoke_api.events.locks import ensure_confirmed, ensure_version
from convoke_api.events.queries import get_event
from convoke_api.events.schemas import Event, ensure_span
from convoke_api.outbox.quotas import CHARGE_RECIPIENTS, REFUSAL
from convoke_api.outbox.statements import (
    INSERT_OUTBOX_ROWS,
    INSERT_REMINDERS,
    PENDING_REMINDERS,
    REQUEST_COLUMNS,
    finish_change,
    outbox_parameters,
    rows_to_send,
)
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.schemas import InvalidPlaceError

#: What participants are told of when it changes.
VISIBLE_FIELDS = ("title", "description", "location", "starts_at", "ends_at", "all_day", "time_zone")

# A pending reminder that is still due at the same time stays and tells of the event as it is now, even when
# that time has passed a moment ago; the others are withdrawn, and new ones written for what lies ahead.
_UPDATE = text(f"""
WITH request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request (
        event_id uuid, {REQUEST_COLUMNS},
        title text, description text, location text, starts_at timestamptz, ends_at timestamptz,
        all_day boolean, time_zone text, sequence integer, reminder_minutes integer[], changes jsonb)
),
{PENDING_REMINDERS},
event AS (
    UPDATE events
    SET title = request.title, description = request.description, location = request.location,
        starts_at = request.starts_at, ends_at = request.ends_at, all_day = request.all_day,
        time_zone = request.time_zone, sequence = request.sequence,
        reminder_minutes = request.reminder_minutes, version = events.version + 1,
        updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request WHERE events.id = request.event_id
    RETURNING events.*
),
fact AS (
    SELECT 'event_updated' AS type, event.updated_at AS at,
           jsonb_build_object('actor_id', event.organizer_id, 'changes', request.changes) AS payload
    FROM event, request
),
recipients AS (
    SELECT part.user_id AS id
    FROM request, event JOIN event_participants AS part ON part.event_id = event.id
    WHERE part.user_id <> event.organizer_id AND request.changes <> '{{}}'
),
{CHARGE_RECIPIENTS},
{INSERT_OUTBOX_ROWS},
{INSERT_REMINDERS},
withdrawn AS (
    UPDATE outbox SET cancelled_at = fact.at
    FROM fact, pending
    WHERE outbox.id = pending.id AND pending.due_at NOT IN (SELECT at FROM due)
),
kept AS (
    UPDATE outbox SET payload = {PAYLOAD} || '{{"actor_id": null}}'
    FROM event, pending
    WHERE outbox.id = pending.id AND pending.due_at IN (SELECT at FROM due)
)
SELECT {rows_to_send("told", "reminders")} AS rows_to_send, {REFUSAL}
""")  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Update:
    """What an event becomes: its columns, and the visible changes as {field: [old, new]}, JSON values."""

    columns: Mapping[str, Any]
    changes: Mapping[str, list[Any]]


def decide_update(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> Update | None:
    """What `wanted` fields make of the event; None when it is like that already.

    The sequence goes up by one with each visible change, or to the higher number given (RFC 5545, 3.8.7.4).
    """
    columns = {name: wanted.get(name, current[name]) for name in (*VISIBLE_FIELDS, "reminder_minutes")}
    changes = {
        name: [_to_json(current[name]), _to_json(columns[name])]
        for name in VISIBLE_FIELDS
        if columns[name] != current[name]
    }
    raised = min(current["sequence"] + bool(changes), HIGHEST_SEQUENCE)
    sequence = max(raised, wanted.get("sequence", 0))
    reminded_alike = sorted(columns["reminder_minutes"]) == sorted(current["reminder_minutes"])
    if not changes and reminded_alike and sequence == current["sequence"]:
        return None
    return Update({**columns, "sequence": sequence}, changes)


def update_event(
    work: UnitOfWork, current: RowMapping, wanted: Mapping[str, Any], *, if_match: str | None
) -> Event:
    """Apply the `wanted` fields to the locked event; participants are told of what they can see, once.

    Raises ConflictError, PreconditionFailedError, UnacceptableError or QuotaExceededError.
    """
    event_id: UUID = current["id"]
    ensure_version(current, if_match)
    ensure_confirmed(current)
    update = decide_update(dict(current), wanted)
    if update is not None:
        _check_span(update.columns)
        request = {
            **outbox_parameters(work, previous_ends_at=current["ends_at"]),
            "event_id": str(event_id),
            **{name: _to_json(value) for name, value in update.columns.items()},
            "changes": update.changes,
        }
        finish_change(
            work, work.connection.execute(_UPDATE, {"request": json.dumps(request)}).mappings().one()
        )
    return get_event(work.connection, work.caller.id, event_id)


def _check_span(columns: Mapping[str, Any]) -> None:
    try:
        ensure_span(columns["starts_at"], columns["ends_at"], columns["all_day"], columns["time_zone"])
    except InvalidPlaceError as error:
        raise UnacceptableError(
            "The event would have no possible time.", [Problem(error.place, str(error))]
        ) from error


def _to_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
