"""Reads events as their organizer or a participant sees them: one, or a list by start."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from convoke.database.arrays import uuid_array
from convoke.errors import NotFoundError
from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, text

from convoke_api.events.columns import EVENT_COLUMNS, measure_columns
from convoke_api.events.schemas import Event, ParticipantCounts, Person
from convoke_api.people.visibility import JOIN_ACQUAINTANCES, SHOWN_EMAIL, SHOWN_NAME, verified_email
from convoke_api.web.fields import Instant
from convoke_api.web.pagination import (
    MAX_RESPONSE_BYTES,
    PageRequest,
    count_fitting,
    decode_cursor,
    encode_cursor,
)
from convoke_api.web.schemas import Page

# One row for each of :event_ids that the caller may see, in their order.
_SELECT_EVENTS = f"""
SELECT event.*, wanted.place,
       organizer.full_name AS organizer_full_name,
       {verified_email("organizer")} AS organizer_email,
       mine.response_status AS my_response_status,
       counts.*,
       first.participants
FROM unnest(CAST(:event_ids AS uuid[])) WITH ORDINALITY AS wanted (id, place)
JOIN events AS event USING (id)
JOIN users AS organizer ON organizer.id = event.organizer_id
LEFT JOIN event_participants AS mine ON mine.event_id = event.id AND mine.user_id = :caller_id
CROSS JOIN LATERAL (
    SELECT count(*) AS total,
           count(*) FILTER (WHERE response_status = 'needs_action') AS needs_action,
           count(*) FILTER (WHERE response_status = 'accepted') AS accepted,
           count(*) FILTER (WHERE response_status = 'declined') AS declined,
           count(*) FILTER (WHERE response_status = 'tentative') AS tentative
    FROM event_participants WHERE event_id = event.id
) AS counts
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'user_id', part.user_id, 'email', {SHOWN_EMAIL}, 'full_name', {SHOWN_NAME},
               'response_status', part.response_status) ORDER BY part.user_id), '[]') AS participants
    FROM (SELECT * FROM event_participants WHERE event_id = event.id ORDER BY user_id LIMIT 100) AS part
    JOIN users ON users.id = part.user_id
    {JOIN_ACQUAINTANCES}
) AS first
WHERE event.organizer_id = :caller_id OR mine.user_id IS NOT NULL
ORDER BY wanted.place
"""  # noqa: S608 - constants only
_GET_EVENTS = text(_SELECT_EVENTS)

# As many rows as one response can hold: `text_bytes` of all rows but the last are less than :most_bytes.
_GET_PAGE = text(f"""
SELECT * FROM (
    SELECT sized.*, sum(text_bytes) OVER (ORDER BY place) - text_bytes AS bytes_before
    FROM (
        SELECT event.*, {measure_columns(EVENT_COLUMNS)} + pg_column_size(participants) AS text_bytes
        FROM ({_SELECT_EVENTS}) AS event
    ) AS sized
) AS page
WHERE bytes_before < :most_bytes
ORDER BY place
""")  # noqa: S608 - constants only

# A keyset page from each of two indexes, then one of both.
_LIST_EVENTS = """
WITH organized AS (
    SELECT event.starts_at, event.id FROM events AS event
    WHERE event.organizer_id = :caller_id {conditions}
    ORDER BY event.starts_at, event.id LIMIT :rows
), invited AS (
    SELECT event.starts_at, event.id
    FROM event_participants AS part JOIN events AS event ON event.id = part.event_id
    WHERE part.user_id = :caller_id {conditions}
    ORDER BY event.starts_at, event.id LIMIT :rows
)
SELECT starts_at, id FROM organized UNION SELECT starts_at, id FROM invited
ORDER BY starts_at, id LIMIT :rows
"""

_KEYS = TypeAdapter(tuple[Literal["events"], Instant, UUID])


def get_event(connection: Connection, caller_id: UUID, event_id: UUID) -> Event:
    """Return the event; raises NotFoundError for a caller who neither organizes it nor takes part."""
    rows = connection.execute(_GET_EVENTS, _name_events(caller_id, [event_id])).mappings().all()
    if not rows:
        raise NotFoundError
    return make_event(rows[0])


def list_events(
    connection: Connection,
    caller_id: UUID,
    page: PageRequest,
    *,
    overlaps_from: datetime | None,
    overlaps_to: datetime | None,
    uid: str | None,
) -> Page[Event]:
    """Return a page of the caller's events by start, then id: those that overlap [from, to), with a uid.

    An event without length overlaps when its start lies inside.
    """
    values: dict[str, Any] = {"caller_id": caller_id, "rows": page.limit + 1}
    conditions = ""
    if overlaps_from is not None:
        conditions += " AND (event.ends_at > :overlaps_from OR event.starts_at >= :overlaps_from)"
        values["overlaps_from"] = overlaps_from
    if overlaps_to is not None:
        conditions += " AND event.starts_at < :overlaps_to"
        values["overlaps_to"] = overlaps_to
    if uid is not None:
        conditions += " AND event.uid = :uid"
        values["uid"] = uid
    after = decode_cursor(page.cursor, _KEYS)
    if after is not None:
        conditions += " AND (event.starts_at, event.id) > (:after_starts_at, :after_id)"
        _, values["after_starts_at"], values["after_id"] = after
    keys = connection.execute(text(_LIST_EVENTS.format(conditions=conditions)), values).all()
    shown = keys[: page.limit]
    rows = _get_page(connection, caller_id, [key.id for key in shown]) if shown else []
    events = [make_event(row) for row in rows]
    fitting = count_fitting(events, [row["text_bytes"] for row in rows])
    last = shown[-1] if shown else None
    if fitting < len(events):
        last = next(key for key in shown if key.id == events[fitting - 1].id)
    if last is None or last is keys[-1]:
        return Page(items=events, next_cursor=None)
    cursor = encode_cursor("events", last.starts_at.isoformat(), last.id)
    return Page(items=events[:fitting], next_cursor=cursor)


def make_event(row: RowMapping) -> Event:
    """Make the event of a row with the columns of `_GET_EVENTS`; the creating statement returns the same."""
    return Event.model_validate(
        {
            **row,
            "organizer": Person(
                id=row["organizer_id"], full_name=row["organizer_full_name"], email=row["organizer_email"]
            ),
            "participant_counts": ParticipantCounts.model_validate(dict(row)),
        }
    )


def _get_page(connection: Connection, caller_id: UUID, event_ids: Sequence[UUID]) -> Sequence[RowMapping]:
    values = {**_name_events(caller_id, event_ids), "most_bytes": MAX_RESPONSE_BYTES}
    return connection.execute(_GET_PAGE, values).mappings().all()


def _name_events(caller_id: UUID, event_ids: Sequence[UUID]) -> dict[str, Any]:
    return {"caller_id": caller_id, "event_ids": uuid_array(event_ids)}
