"""From a component to its plan: decisions only, by what the component says and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

from convoke_importer import contents
from convoke_importer.calendars import Calendar, Component
from convoke_importer.people import (
    Person,
    delegates,
    find_attendee,
    find_organizer,
    find_owner,
    knows_all_attendees,
    list_invited,
)
from convoke_importer.plans import Cancel, Create, Plan, Reply, Skip
from convoke_importer.revisions import read_revision
from convoke_importer.times import FindOwnZone, NotUnderstoodError, read_span
from convoke_importer.zones import Zones

_NOT_EVENTS = {
    "VTODO": "a to-do",
    "VJOURNAL": "a journal entry",
    "VFREEBUSY": "free/busy time",
    "VAVAILABILITY": "availability",
    "VALARM": "an alarm outside of any event",
}
_UNSUPPORTED_METHODS = {
    "ADD": "an occurrence added to a series (METHOD:ADD)",
    "REFRESH": "a request to send an event again (METHOD:REFRESH)",
    "COUNTER": "a proposal to change an event (METHOD:COUNTER)",
    "DECLINECOUNTER": "a refused proposal (METHOD:DECLINECOUNTER)",
}
_METHODS = ("", "PUBLISH", "REQUEST", "CANCEL", "REPLY")
_RECURRENCE = ("RRULE", "RDATE", "EXRULE", "RECURRENCE-ID")
#: Without them an event is not what its author meant, so a line of theirs that cannot be read matters.
_DECISIVE = (
    "DTSTART",
    "DTEND",
    "DURATION",
    "UID",
    "ORGANIZER",
    "STATUS",
    "SEQUENCE",
    *_RECURRENCE,
)
#: RFC 5545, 3.2.12: what an answer to an event can be.
_ANSWERS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "NEEDS-ACTION": "needs_action",
}


type FindZone = Callable[[Person], str | None]


def plan_component(
    component: Component,
    calendar: Calendar,
    zones: Zones,
    acting_as: Person | None = None,
    find_zone: FindZone = lambda _: None,
) -> Plan:
    """What a component by itself asks for: a REPLY of its attendee, anything else of its organizer.

    An event without an ORGANIZER is a personal one (RFC 5545, 3.8.4.3). It becomes that of `acting_as`, else
    of the person whose address is the calendar's name; where neither is known nobody could own it, and it
    is skipped. A REPLY without an ORGANIZER is that to the one event which its UID and ATTENDEE name.
    `find_zone` tells the IANA zone of an organizer, for times that name none.
    """
    try:
        return _plan(component, calendar, zones, acting_as, find_zone)
    except NotUnderstoodError as error:
        return Skip(component.text("UID") or None, component.kind, f"not understood: {error}")


def _plan(
    component: Component, calendar: Calendar, zones: Zones, acting_as: Person | None, find_zone: FindZone
) -> Plan:
    method = calendar.header.text("METHOD").upper()
    reason = _find_obstacle(component, method)
    if reason is not None:
        return Skip(component.text("UID") or None, component.kind, reason)
    organizer = find_organizer(component)
    if organizer is None and component.find("ORGANIZER"):
        raise NotUnderstoodError("its ORGANIZER has no e-mail address, so nobody can act for it")
    if method == "REPLY":
        return _plan_reply(component, organizer)
    organizer = organizer or acting_as or find_owner(calendar.header.text("X-WR-CALNAME"))
    if organizer is None:
        raise NotUnderstoodError("it has no ORGANIZER: say with --as EMAIL whose it is")
    if method == "CANCEL" or component.text("STATUS").upper() == "CANCELLED":
        return _plan_cancellation(component, organizer)
    return _plan_event(component, calendar, zones, organizer, method, find_zone)


def _find_obstacle(component: Component, method: str) -> str | None:
    if component.kind in _NOT_EVENTS:
        return f"not an event: {_NOT_EVENTS[component.kind]}"
    if component.kind != "VEVENT":
        return "not an event: a component of another kind"
    if component.fault:
        return f"not understood: {component.fault}"
    for name in _DECISIVE:
        if name in component.broken and not component.find(name):
            return f"not understood: its line {name} is broken"
    if method in _UNSUPPORTED_METHODS:
        return f"not yet supported: {_UNSUPPORTED_METHODS[method]}"
    if method not in _METHODS:
        return "not understood: a METHOD that RFC 5546 does not know"
    if any(component.find(name) for name in _RECURRENCE):
        return "not yet supported: recurrence"
    return None


def _plan_reply(component: Component, organizer: Person | None) -> Reply | Skip:
    uid, uid_notes = contents.read_uid(component)
    if not uid:
        raise NotUnderstoodError("it has no UID, so nobody knows what it answers")
    # RFC 5546, 3.2.3: the one ATTENDEE is the person who answers.
    if sum(1 for _ in component.find_all("ATTENDEE")) > 1:
        raise NotUnderstoodError("it has more than one ATTENDEE, so nobody knows who answers")
    attendee = find_attendee(component)
    if attendee is None:
        raise NotUnderstoodError("it has no ATTENDEE with an e-mail address, so nobody can act for it")
    answer = next(component.find_all("ATTENDEE")).params.get("PARTSTAT", "").upper()
    if answer == "DELEGATED":
        return Skip(uid, component.kind, "not yet supported: a delegation")
    if answer not in _ANSWERS:
        raise NotUnderstoodError("its ATTENDEE has no PARTSTAT that answers an invitation")
    revision, notes = read_revision(component)
    notes = [*uid_notes, *notes, *component.notes]
    return Reply(component.kind, organizer, uid, attendee, _ANSWERS[answer], revision, tuple(notes))


def _plan_cancellation(component: Component, organizer: Person) -> Cancel:
    """RFC 5546, 3.2.5: STATUS:CANCELLED cancels the event; without it the attendees named are uninvited.

    Where nobody is named it is the event that is cancelled, as in RFC 2446's own examples.
    """
    uid, uid_notes = contents.read_uid(component)
    uid = uid or contents.make_uid(component)
    revision, notes = read_revision(component)
    notes = [*uid_notes, *notes, *component.notes]
    if component.text("STATUS").upper() == "CANCELLED" or not component.find("ATTENDEE"):
        return Cancel(component.kind, organizer, uid, revision, notes=tuple(notes))
    removed, _ = list_invited(component, organizer)
    if not removed:
        raise NotUnderstoodError("it uninvites nobody who has an e-mail address and is not its ORGANIZER")
    return Cancel(component.kind, organizer, uid, revision, tuple(removed), tuple(notes))


def _plan_event(
    component: Component,
    calendar: Calendar,
    zones: Zones,
    organizer: Person,
    method: str,
    find_zone: FindZone,
) -> Create:
    revision, revision_notes = read_revision(component)
    uid, uid_notes = contents.read_uid(component)
    said, notes = _read_contents(component, calendar, zones, lambda: find_zone(organizer))
    invited, invited_notes = list_invited(component, organizer)
    request = {
        "uid": uid or contents.make_uid(component),
        "sequence": revision.sequence,
        **said,
        "participant_emails": invited,
    }
    return Create(
        component.kind,
        organizer,
        request,
        revision,
        # RFC 5546, 3.2.1 and 3.2.2: a REQUEST lists who is invited, a PUBLISH nobody; exports hide guests.
        lists_everybody=method == "REQUEST"
        and knows_all_attendees(component)
        and "ATTENDEE" not in component.broken,
        delegates=delegates(component),
        notes=tuple(dict.fromkeys([*notes, *invited_notes, *revision_notes, *uid_notes, *component.notes])),
    )


def _read_contents(
    component: Component, calendar: Calendar, zones: Zones, find_own_zone: FindOwnZone
) -> tuple[Mapping[str, Any], list[str]]:
    span = read_span(component, zones, find_own_zone)
    title, title_notes = contents.read_title(component, calendar)
    description, description_notes = contents.read_text(component, "DESCRIPTION", contents.DESCRIPTION_LENGTH)
    location, location_notes = contents.read_text(component, "LOCATION", contents.LOCATION_LENGTH)
    reminders, reminder_notes = contents.read_reminders(component)
    line_notes = ["a line that could not be read was left out"] if component.broken else []
    said = {
        "title": title,
        "description": description,
        "location": location,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
        "all_day": span.all_day,
        "time_zone": span.time_zone,
        "reminder_minutes": reminders,
    }
    return said, [
        *span.notes,
        *title_notes,
        *description_notes,
        *location_notes,
        *reminder_notes,
        *line_notes,
    ]
