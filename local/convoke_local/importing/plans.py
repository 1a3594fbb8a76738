"""What one component asks for (RFC 5546): decisions only, nothing is done here.

`plan_component` says what a component means by itself, `compare_with_known` what is left of that when the
organizer already has an event of the same UID.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from convoke_local.importing import contents
from convoke_local.importing.calendars import Calendar, Component
from convoke_local.importing.people import Person, find_organizer, find_owner, list_invited
from convoke_local.importing.times import NotUnderstoodError, read_span
from convoke_local.importing.zones import Zones

ALREADY_IMPORTED = "already imported"

_NOT_EVENTS = {
    "VTODO": "a to-do",
    "VJOURNAL": "a journal entry",
    "VFREEBUSY": "free/busy time",
    "VAVAILABILITY": "availability",
    "VALARM": "an alarm outside of any event",
}
_LATER_METHODS = {
    "CANCEL": "a cancellation (METHOD:CANCEL)",
    "REPLY": "an answer to an invitation (METHOD:REPLY)",
    "ADD": "an occurrence added to a series (METHOD:ADD)",
    "REFRESH": "a request to send an event again (METHOD:REFRESH)",
    "COUNTER": "a proposal to change an event (METHOD:COUNTER)",
    "DECLINECOUNTER": "a refused proposal (METHOD:DECLINECOUNTER)",
}
_RECURRENCE = ("RRULE", "RDATE", "EXRULE", "RECURRENCE-ID")
#: Without them an event is not what its author meant, so a line of theirs that cannot be read matters.
_DECISIVE = (
    "DTSTART",
    "DTEND",
    "DURATION",
    "UID",
    "ORGANIZER",
    "ATTENDEE",
    "STATUS",
    "SEQUENCE",
    *_RECURRENCE,
)
#: What two revisions of one event are compared by.
_SAID = ("title", "description", "location", "all_day", "time_zone")


@dataclass(frozen=True, slots=True)
class Create:
    """The organizer creates an event; `request` is the body of POST /v1/events."""

    component: str
    organizer: Person
    request: Mapping[str, Any]
    #: What had to be assumed or left out.
    notes: tuple[str, ...] = field(default=())

    @property
    def uid(self) -> str:
        return str(self.request["uid"])


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing is done. The reason begins with what kind it is: "not an event", "not yet supported",
    "obsolete", "already imported", "not understood" or (by the API) "refused" or "failed".
    """

    uid: str | None
    component: str
    reason: str


type Plan = Create | Skip


def plan_component(
    component: Component, calendar: Calendar, zones: Zones, acting_as: Person | None = None
) -> Plan:
    """What a component by itself asks for; whoever organizes it acts.

    An event without an ORGANIZER is a personal one (RFC 5545, 3.8.4.3). It becomes that of `acting_as`, else
    of the person whose address is the calendar's name; where neither is known nobody could own it, and it
    is skipped.
    """
    try:
        return _plan(component, calendar, zones, acting_as)
    except NotUnderstoodError as error:
        return Skip(component.text("UID") or None, component.kind, f"not understood: {error}")


def compare_with_known(plan: Create, known: Mapping[str, Any]) -> Skip:
    """What is left of a creation when `known` (as in GET /v1/events) is the organizer's event of that UID.

    RFC 5546, 2.1.5: the higher SEQUENCE is the later revision.
    """
    sequence = plan.request["sequence"]
    if known["status"] == "cancelled":
        reason = "obsolete: the event was cancelled"
    elif sequence < known["sequence"]:
        reason = "obsolete: a later revision of the event is there (higher SEQUENCE)"
    elif sequence > known["sequence"]:
        reason = "not yet supported: an update of an event (higher SEQUENCE)"
    elif _says_the_same(plan.request, known):
        reason = ALREADY_IMPORTED
    else:
        reason = "not yet supported: an update of an event that keeps its SEQUENCE"
    return Skip(plan.uid, plan.component, reason)


def _plan(component: Component, calendar: Calendar, zones: Zones, acting_as: Person | None) -> Plan:
    uid = component.text("UID") or None
    reason = _find_obstacle(component, calendar)
    if reason is not None:
        return Skip(uid, component.kind, reason)
    uid = uid or contents.make_uid(component)
    organizer = find_organizer(component)
    if organizer is None and component.find("ORGANIZER"):
        raise NotUnderstoodError("its ORGANIZER has no e-mail address, so nobody can act for it")
    organizer = organizer or acting_as or find_owner(calendar.header.text("X-WR-CALNAME"))
    if organizer is None:
        raise NotUnderstoodError("it has no ORGANIZER: say with --as EMAIL whose it is")
    if component.text("STATUS").upper() == "CANCELLED":
        return Skip(uid, component.kind, "obsolete: the event is cancelled")
    return _plan_creation(component, calendar, zones, organizer, uid)


def _find_obstacle(component: Component, calendar: Calendar) -> str | None:
    if component.kind in _NOT_EVENTS:
        return f"not an event: {_NOT_EVENTS[component.kind]}"
    if component.kind != "VEVENT":
        return "not an event: a component of another kind"
    if component.fault:
        return f"not understood: {component.fault}"
    for line in component.unreadable_lines:
        if name := next((each for each in _DECISIVE if line.lstrip().upper().startswith(each)), None):
            return f"not understood: its line {name} is broken"
    method = calendar.header.text("METHOD").upper()
    if method in _LATER_METHODS:
        return f"not yet supported: {_LATER_METHODS[method]}"
    if method not in ("", "PUBLISH", "REQUEST"):
        return "not understood: a METHOD that RFC 5546 does not know"
    if any(component.find(name) for name in _RECURRENCE):
        return "not yet supported: recurrence"
    return None


def _plan_creation(
    component: Component, calendar: Calendar, zones: Zones, organizer: Person, uid: str
) -> Create:
    span = read_span(component, zones)
    title, title_notes = contents.read_title(component, calendar)
    description, description_notes = contents.read_text(component, "DESCRIPTION", contents.DESCRIPTION_LENGTH)
    location, location_notes = contents.read_text(component, "LOCATION", contents.LOCATION_LENGTH)
    invited, invited_notes = list_invited(component, organizer)
    reminders, reminder_notes = contents.read_reminders(component)
    sequence, sequence_notes = contents.read_sequence(component)
    line_notes = ["a line that could not be read was left out"] * len(component.unreadable_lines)
    request = {
        "uid": uid,
        "sequence": sequence,
        "title": title,
        "description": description,
        "location": location,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
        "all_day": span.all_day,
        "time_zone": span.time_zone,
        "participant_emails": invited,
        "reminder_minutes": reminders,
    }
    notes = (
        *span.notes,
        *title_notes,
        *description_notes,
        *location_notes,
        *invited_notes,
        *reminder_notes,
        *sequence_notes,
        *line_notes,
    )
    return Create(component.kind, organizer, request, tuple(dict.fromkeys(notes)))


def _says_the_same(request: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    same_times = all(
        datetime.fromisoformat(request[name]) == datetime.fromisoformat(known[name])
        for name in ("starts_at", "ends_at")
    )
    return same_times and all(request[name] == known[name] for name in _SAID)
