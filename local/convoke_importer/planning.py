"""Make the plan of a component from its contents alone, without requests."""

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
    has_emails_of_all,
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
#: Without one of these an event may differ from its author's, so an unreadable line of them matters.
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
#: RFC 5545, 3.2.12: the participation statuses of a reply.
_RESPONSES = {
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
    """Return the plan of a component: of its attendee for a REPLY, of its organizer otherwise.

    An event without an ORGANIZER is a personal one (RFC 5545, 3.8.4.3). Its organizer is `acting_as`, else
    the person whose address is the calendar's name; where neither is known, it is skipped. A REPLY without an
    ORGANIZER is for the one event which its UID and ATTENDEE name. `find_zone` returns the IANA zone of an
    organizer, for times without a zone.
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
        raise NotUnderstoodError("its ORGANIZER has no e-mail address")
    if method == "REPLY":
        return _plan_reply(component, organizer)
    organizer = organizer or acting_as or find_owner(calendar.header.text("X-WR-CALNAME"))
    if organizer is None:
        raise NotUnderstoodError("it has no ORGANIZER: name one with --as EMAIL")
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
        return "not understood: a METHOD that is not in RFC 5546"
    if any(component.find(name) for name in _RECURRENCE):
        return "not yet supported: recurrence"
    return None


def _plan_reply(component: Component, organizer: Person | None) -> Reply | Skip:
    uid, uid_notes = contents.read_uid(component)
    if not uid:
        raise NotUnderstoodError("it has no UID, so its event is unknown")
    # RFC 5546, 3.2.3: the one ATTENDEE is the sender of the reply.
    if sum(1 for _ in component.find_all("ATTENDEE")) > 1:
        raise NotUnderstoodError("it has more than one ATTENDEE, so its sender is unknown")
    attendee = find_attendee(component)
    if attendee is None:
        raise NotUnderstoodError("it has no ATTENDEE with an e-mail address")
    partstat = next(component.find_all("ATTENDEE")).params.get("PARTSTAT", "").upper()
    if partstat == "DELEGATED":
        return Skip(uid, component.kind, "not yet supported: a delegation")
    if partstat not in _RESPONSES:
        raise NotUnderstoodError("its ATTENDEE has no PARTSTAT of a response")
    revision, notes = read_revision(component)
    notes = [*uid_notes, *notes, *component.notes]
    return Reply(component.kind, organizer, uid, attendee, _RESPONSES[partstat], revision, tuple(notes))


def _plan_cancellation(component: Component, organizer: Person) -> Cancel:
    """Plan a CANCEL (RFC 5546, 3.2.5): STATUS:CANCELLED cancels the event, else its attendees are uninvited.

    Without attendees the event is cancelled, as in RFC 2446's own examples.
    """
    uid, uid_notes = contents.read_uid(component)
    uid = uid or contents.make_uid(component)
    revision, notes = read_revision(component)
    notes = [*uid_notes, *notes, *component.notes]
    if component.text("STATUS").upper() == "CANCELLED" or not component.find("ATTENDEE"):
        return Cancel(component.kind, organizer, uid, revision, notes=tuple(notes))
    removed, _ = list_invited(component, organizer)
    if not removed:
        raise NotUnderstoodError("it names no attendee with an e-mail address other than its ORGANIZER")
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
    fields, notes = _read_contents(component, calendar, zones, lambda: find_zone(organizer))
    invited, invited_notes = list_invited(component, organizer)
    request = {
        "uid": uid or contents.make_uid(component),
        "sequence": revision.sequence,
        **fields,
        "participant_emails": invited,
    }
    return Create(
        component.kind,
        organizer,
        request,
        revision,
        # RFC 5546, 3.2.1 and 3.2.2: a REQUEST lists the invited, a PUBLISH nobody; exports hide guests.
        lists_everybody=method == "REQUEST"
        and has_emails_of_all(component)
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
    fields = {
        "title": title,
        "description": description,
        "location": location,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
        "all_day": span.all_day,
        "time_zone": span.time_zone,
        "reminder_minutes": reminders,
    }
    return fields, [
        *span.notes,
        *title_notes,
        *description_notes,
        *location_notes,
        *reminder_notes,
        *line_notes,
    ]
