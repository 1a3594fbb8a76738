"""Updates an event: participants are notified of visible changes, and reminders follow the new start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from convoke.domain import HIGHEST_SEQUENCE
from convoke.errors import Problem, UnacceptableError
from convoke.notifications import NotificationType
from convoke.outbox import PAYLOAD
from sqlalchemy import RowMapping

from convoke_api.events.change_statement import make_change_statement, run_change
from convoke_api.events.columns import CHANGEABLE_COLUMNS, VISIBLE_FIELDS, assign_columns, define_columns
from convoke_api.events.locks import ensure_confirmed, ensure_version
from convoke_api.events.queries import get_event
from convoke_api.events.schemas import Event, ensure_span
from convoke_api.outbox.statements import INSERT_REMINDERS, PENDING_REMINDERS
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.schemas import InvalidPlaceError

# A pending reminder that is still due at the same time stays and gets the event's new payload, even when
# that time has passed a moment ago; the others are withdrawn, and new ones written for times to come.
_UPDATE = make_change_statement(
    NotificationType.EVENT_UPDATED,
    request_columns=f"{define_columns(CHANGEABLE_COLUMNS)}, changes jsonb",
    effect=PENDING_REMINDERS,
    changed=None,
    assignments=f"{assign_columns(CHANGEABLE_COLUMNS, 'request')}, version = events.version + 1",
    payload="'actor_id', event.organizer_id, 'changes', request.changes",
    payload_source="event, request",
    recipients="""
    SELECT part.user_id AS id
    FROM request, event JOIN event_participants AS part ON part.event_id = event.id
    WHERE part.user_id <> event.organizer_id AND request.changes <> '{}'
""",
    consequences=f"""
{INSERT_REMINDERS},
withdrawn AS (
    UPDATE outbox SET cancelled_at = change.at
    FROM change, pending
    WHERE outbox.id = pending.id AND pending.due_at NOT IN (SELECT at FROM due)
),
kept AS (
    UPDATE outbox SET payload = {PAYLOAD} || '{{"actor_id": null}}'
    FROM event, pending
    WHERE outbox.id = pending.id AND pending.due_at IN (SELECT at FROM due)
)""",  # noqa: S608 - constants only
    sent=("outbox_rows", "reminders"),
)


@dataclass(frozen=True, slots=True)
class Update:
    """An event's new columns, and the visible changes as {field: [old, new]}, JSON values."""

    columns: Mapping[str, Any]
    changes: Mapping[str, list[Any]]


def decide_update(current: Mapping[str, Any], fields: Mapping[str, Any]) -> Update | None:
    """Return the update that `fields` make of the event; None when the event has them already.

    The sequence goes up by one with each visible change, or to the higher number given (RFC 5545, 3.8.7.4).
    """
    names = [column.name for column in CHANGEABLE_COLUMNS if column.name != "sequence"]
    columns = {name: fields.get(name, current[name]) for name in names}
    changes = {
        name: [_to_json(current[name]), _to_json(columns[name])]
        for name in VISIBLE_FIELDS
        if columns[name] != current[name]
    }
    raised = min(current["sequence"] + bool(changes), HIGHEST_SEQUENCE)
    sequence = max(raised, fields.get("sequence", 0))
    is_equal = all(_unordered(columns[name]) == _unordered(current[name]) for name in names)
    if is_equal and sequence == current["sequence"]:
        return None
    return Update({**columns, "sequence": sequence}, changes)


def update_event(
    work: UnitOfWork,
    current: RowMapping,
    fields: Mapping[str, Any],
    *,
    allowed_versions: frozenset[str] | None,
) -> Event:
    """Apply the `fields` to the locked event; participants are notified once of the visible changes.

    Raises ConflictError, PreconditionFailedError, UnacceptableError or QuotaExceededError.
    """
    event_id: UUID = current["id"]
    ensure_version(current, allowed_versions)
    ensure_confirmed(current)
    update = decide_update(dict(current), fields)
    if update is not None:
        _ensure_span(update.columns)
        values = {name: _to_json(value) for name, value in update.columns.items()}
        run_change(
            work,
            _UPDATE,
            event_id,
            {**values, "changes": update.changes},
            previous_ends_at=current["ends_at"],
        )
    return get_event(work.connection, work.caller.id, event_id)


def _ensure_span(columns: Mapping[str, Any]) -> None:
    try:
        ensure_span(columns["starts_at"], columns["ends_at"], columns["all_day"], columns["time_zone"])
    except InvalidPlaceError as error:
        raise UnacceptableError(
            "The event would have no possible time.", [Problem(error.place, str(error))]
        ) from error


def _unordered(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value


def _to_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
