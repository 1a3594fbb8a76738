"""Writes an event as an iCalendar file (RFC 5545), which any calendar can import."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from convoke.domain import EventStatus, ResponseStatus
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from convoke_api.events.schemas import Event, Participant
from convoke_api.people.visibility import JOIN_ACQUAINTANCES, SHOWN_EMAIL, SHOWN_NAME
from convoke_api.web.pagination import MAX_RESPONSE_BYTES

if TYPE_CHECKING:
    from icalendar import vCalAddress

MEDIA_TYPE = "text/calendar; charset=utf-8"

#: No calendar shows more people.
MAX_ATTENDEES = 10_000
#: The bytes of a response for attendees: folding adds five bytes to each 74, and the event needs some too.
_ATTENDEE_BYTES = int(MAX_RESPONSE_BYTES * 74 / 79) - 100_000

# As many as fit. An attendee takes 105 bytes beside address and name; a character of a name that iCalendar or
# JSON escapes takes three more at most.
_LIST_ATTENDEES = text(f"""
SELECT user_id, email, full_name, response_status
FROM (
    SELECT attendees.*,
           sum(105 + octet_length(coalesce(email, '')) + octet_length(coalesce(full_name, ''))
               + 3 * (length(coalesce(full_name, ''))
                      - length(translate(coalesce(full_name, ''), :escaped, ''))))
               OVER (ORDER BY user_id) AS bytes
    FROM (
        SELECT part.user_id, {SHOWN_EMAIL} AS email, {SHOWN_NAME} AS full_name, part.response_status
        FROM events AS event JOIN event_participants AS part ON part.event_id = event.id
        JOIN users ON users.id = part.user_id
        {JOIN_ACQUAINTANCES}
        WHERE event.id = :event_id
        ORDER BY part.user_id LIMIT :most
    ) AS attendees
) AS attendees
WHERE bytes <= :most_bytes
ORDER BY user_id
""")  # noqa: S608 - constants only
_ESCAPED = '"\\^\n\u2028\u2029'

_PARTICIPANTS = TypeAdapter(list[Participant])

_PARTSTAT = {
    ResponseStatus.NEEDS_ACTION: "NEEDS-ACTION",
    ResponseStatus.ACCEPTED: "ACCEPTED",
    ResponseStatus.DECLINED: "DECLINED",
    ResponseStatus.TENTATIVE: "TENTATIVE",
}
_STATUS = {EventStatus.CONFIRMED: "CONFIRMED", EventStatus.CANCELLED: "CANCELLED"}

#: VTIMEZONE holds the zone's rules for this long before and after the event.
_ZONE_MARGIN = timedelta(days=366)


def list_attendees(connection: Connection, event_id: UUID) -> list[Participant]:
    """Return the participants for a file, by id: up to MAX_ATTENDEES, and as many as fit into a response."""
    values = {
        "event_id": event_id,
        "most": MAX_ATTENDEES,
        "most_bytes": _ATTENDEE_BYTES,
        "escaped": _ESCAPED,
    }
    rows = connection.execute(_LIST_ATTENDEES, values)
    return [Participant.model_validate(row) for row in rows]


def render_participants(participants: list[Participant]) -> bytes:
    """Return the participants as JSON, for the file's entity tag."""
    return _PARTICIPANTS.dump_json(participants)


def write_calendar(event: Event, attendees: Sequence[Participant]) -> bytes:
    """Return the file: one VEVENT, with the VTIMEZONE that it needs, in UTF-8 with folded lines."""
    # Takes a tenth of a second, which no other request should wait for.
    from icalendar import Calendar
    from icalendar import Event as Component

    component = Component()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("dtstamp", event.updated_at)
    component.add("created", event.created_at)
    component.add("last-modified", event.updated_at)
    component.add("summary", event.title)
    component.add("status", _STATUS[event.status])
    component.add("dtstart", _local_time(event, event.starts_at))
    if event.ends_at > event.starts_at:
        # An end must be later than the start (RFC 5545, 3.8.2.2); without one the event has no length.
        component.add("dtend", _local_time(event, event.ends_at))
    if event.description is not None:
        component.add("description", event.description)
    if event.location is not None:
        component.add("location", event.location)
    organizer = event.organizer
    component.add("organizer", _make_address(organizer.id, organizer.email, organizer.full_name))
    for attendee in attendees:
        address = _make_address(attendee.user_id, attendee.email, attendee.full_name)
        address.params["PARTSTAT"] = _PARTSTAT[attendee.response_status]
        component.add("attendee", address)

    calendar = Calendar()
    calendar.add("prodid", "-//Convoke//EN")
    calendar.add("version", "2.0")
    calendar.add_component(component)
    calendar.add_missing_timezones(
        (event.starts_at - _ZONE_MARGIN).date(), (event.ends_at + _ZONE_MARGIN).date()
    )
    return bytes(calendar.to_ical())


def _local_time(event: Event, instant: datetime) -> Any:
    local = instant.astimezone(ZoneInfo(event.time_zone))
    if event.all_day:
        return local.date()
    # A time in UTC needs no VTIMEZONE.
    return instant.astimezone(UTC) if event.time_zone == "UTC" else local


def _make_address(user_id: UUID, email: str | None, name: str | None) -> "vCalAddress":
    from icalendar import vCalAddress

    # A person without an address is named by a URN: a calendar address may be any URI (RFC 5545, 3.3.3).
    address = vCalAddress(f"mailto:{email}" if email else user_id.urn)
    if name:
        address.params["CN"] = name
    return address
