"""Reads an event's participants, and checks whether the caller may see the event."""

from typing import Any, Literal
from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.errors import ForbiddenError, NotFoundError
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from convoke_api.events.schemas import Participant
from convoke_api.people.visibility import JOIN_ACQUAINTANCES, SHOWN_EMAIL, SHOWN_NAME
from convoke_api.web.pagination import PageRequest, cut_page, decode_cursor
from convoke_api.web.schemas import Page

_ORGANIZES = text("""
SELECT event.organizer_id = :caller_id AS organizes
FROM events AS event
WHERE event.id = :event_id
  AND (event.organizer_id = :caller_id
       OR EXISTS (SELECT FROM event_participants WHERE event_id = event.id AND user_id = :caller_id))
""")

_LIST_PARTICIPANTS = f"""
SELECT part.user_id, {SHOWN_EMAIL} AS email, {SHOWN_NAME} AS full_name, part.response_status
FROM events AS event JOIN event_participants AS part ON part.event_id = event.id
JOIN users ON users.id = part.user_id
{JOIN_ACQUAINTANCES}
WHERE event.id = :event_id {{conditions}}
ORDER BY part.user_id LIMIT :rows
"""  # noqa: S608 - constants only

_KEYS = TypeAdapter(tuple[Literal["participants"], UUID])


def is_organizer(connection: Connection, caller_id: UUID, event_id: UUID) -> bool:
    """Return whether the caller organizes the event.

    Raises NotFoundError for a caller who neither organizes it nor takes part.
    """
    organizes = connection.execute(
        _ORGANIZES, {"caller_id": caller_id, "event_id": event_id}
    ).scalar_one_or_none()
    if organizes is None:
        raise NotFoundError
    return bool(organizes)


def ensure_visible(connection: Connection, caller_id: UUID, event_id: UUID) -> None:
    """Raise NotFoundError for a caller who neither organizes the event nor takes part."""
    is_organizer(connection, caller_id, event_id)


def ensure_organizer(connection: Connection, caller_id: UUID, event_id: UUID) -> None:
    """Raise ForbiddenError for a participant, and NotFoundError as `ensure_visible` does."""
    if not is_organizer(connection, caller_id, event_id):
        raise ForbiddenError("Only the organizer may do this.")


def find_participant(connection: Connection, event_id: UUID, user_id: UUID) -> Participant | None:
    """Return a person as a participant of the event; None when they do not take part."""
    statement = text(_LIST_PARTICIPANTS.format(conditions="AND part.user_id = :user_id"))
    row = connection.execute(statement, {"event_id": event_id, "user_id": user_id, "rows": 1}).one_or_none()
    return Participant.model_validate(row) if row else None


def list_participants(
    connection: Connection,
    caller_id: UUID,
    event_id: UUID,
    page: PageRequest,
    *,
    response_status: ResponseStatus | None,
) -> Page[Participant]:
    """Return a page of the participants by id; raises NotFoundError as `ensure_visible` does."""
    ensure_visible(connection, caller_id, event_id)
    values: dict[str, Any] = {"event_id": event_id, "rows": page.limit + 1}
    conditions = ""
    if response_status is not None:
        conditions += " AND part.response_status = :response_status"
        values["response_status"] = response_status.value
    after = decode_cursor(page.cursor, _KEYS)
    if after is not None:
        conditions += " AND part.user_id > :after_user_id"
        _, values["after_user_id"] = after
    statement = text(_LIST_PARTICIPANTS.format(conditions=conditions))
    rows = connection.execute(statement, values).all()
    items, next_cursor = cut_page(
        rows,
        page.limit,
        key=lambda row: ("participants", row.user_id),
        make=Participant.model_validate,
        count_text=lambda row: len(row.email or "") + len(row.full_name or ""),
    )
    return Page(items=items, next_cursor=next_cursor)
