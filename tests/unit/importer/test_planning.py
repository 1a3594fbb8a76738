"""Plans of an event component by itself."""

import pytest
from convoke_importer.plans import Skip
from convoke_importer.revisions import Revision
from unit.importer.calendar_text import (
    calendar,
    event,
    find_skip_reason,
    plan_all,
    plan_creation,
)


def test_an_event_becomes_a_request_of_its_organizer() -> None:
    plan = plan_creation(
        calendar(
            event(
                "DTEND:20270301T110000Z",
                "DESCRIPTION:Line one\\nline two",
                "LOCATION:Room 1",
                "SEQUENCE:3",
                "ATTENDEE;CN=Bob:mailto:bob@example.org",
                "ATTENDEE:MAILTO:Eve@example.org",
                ORGANIZER=";CN=Ann:Mailto:ann@example.org",
            ),
            METHOD="REQUEST",
        )
    )
    assert (plan.organizer.email, plan.organizer.name) == ("ann@example.org", "Ann")
    assert plan.request == {
        "uid": "1@example.org",
        "sequence": 3,
        "title": "Review",
        "description": "Line one\nline two",
        "location": "Room 1",
        "starts_at": "2027-03-01T10:00:00+00:00",
        "ends_at": "2027-03-01T11:00:00+00:00",
        "all_day": False,
        "time_zone": "UTC",
        "participant_emails": ["bob@example.org", "Eve@example.org"],
        "reminder_minutes": [],
    }
    assert plan.notes == ()


@pytest.mark.parametrize("method", ["", "PUBLISH", "REQUEST", "request"])
def test_events_without_a_method_published_and_requested_are_created(method: str) -> None:
    header = {"METHOD": method} if method else {}
    assert plan_creation(calendar(event(), **header)).uid == "1@example.org"


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("ADD", "not yet supported: an occurrence"),
        ("REFRESH", "not yet supported: a request to send"),
        ("COUNTER", "not yet supported: a proposal"),
        ("DECLINECOUNTER", "not yet supported: a refused proposal"),
        ("DESTROY", "not understood: a METHOD"),
    ],
)
def test_other_methods_are_skipped(method: str, reason: str) -> None:
    assert find_skip_reason(calendar(event(), METHOD=method)).startswith(reason)


@pytest.mark.parametrize("method", ["", "REQUEST", "CANCEL", "REPLY"])
@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=DAILY", "RDATE:20270302T100000Z", "RECURRENCE-ID:20270301T100000Z"]
)
def test_recurrence_is_left_for_later(line: str, method: str) -> None:
    assert find_skip_reason(calendar(event(line), METHOD=method)) == "not yet supported: recurrence"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("VTODO", "a to-do"),
        ("VJOURNAL", "a journal entry"),
        ("VFREEBUSY", "free/busy time"),
        ("VALARM", "an alarm outside of any event"),
        ("X-THING", "a component of another kind"),
    ],
)
def test_what_is_no_event_is_named(kind: str, reason: str) -> None:
    (plan,) = plan_all(calendar(f"BEGIN:{kind}\r\nUID:7\r\nEND:{kind}"))
    assert plan == Skip("7", kind, f"not an event: {reason}")


@pytest.mark.parametrize(
    ("line", "stamp"),
    [
        ("DTSTAMP:20270201T090000Z", "20270201T090000"),
        ("DTSTAMP:20270201T090000", "20270201T090000"),
        ("DTSTAMP:20270201T0900Z", ""),
        ("DTSTAMP:soon", ""),
        ("X-NONE:", ""),
    ],
)
def test_a_stamp_is_read_or_not_known(line: str, stamp: str) -> None:
    assert plan_creation(calendar(event(line))).revision == Revision(0, stamp)


def test_an_event_that_breaks_off_is_not_created_by_half() -> None:
    whole = calendar(event())
    assert find_skip_reason(whole[: whole.index("END:VEVENT")]) == (
        "not understood: the file ends before its END"
    )


def test_a_zone_may_be_defined_in_another_calendar_of_the_file() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    text = calendar(event(DTSTART=";TZID=Here:20270301T100000")) + calendar(zone)
    assert plan_creation(text).request["starts_at"] == "2027-03-01T07:00:00+00:00"


def test_a_broken_line_that_matters_is_not_passed_over() -> None:
    reason = "not understood: its line DTEND is broken"
    assert find_skip_reason(calendar(event("DTEND 20270301T110000Z"))) == reason


def test_a_broken_line_that_does_not_matter_is_left_out_and_noted() -> None:
    plan = plan_creation(calendar(event("of a description that was folded badly.")))
    assert plan.notes == ("a line that could not be read was left out",)


def test_a_missing_uid_is_the_same_at_each_export() -> None:
    def uid_of(*lines: str, **changes: str | None) -> str:
        return plan_creation(calendar(event(*lines, UID=None, **changes))).uid

    assert uid_of("DTSTAMP:20260101T000000Z", "SEQUENCE:1") == uid_of("DTSTAMP:20260202T000000Z")
    assert uid_of() != uid_of(SUMMARY=":Another")
    assert uid_of() != uid_of(DTSTART=":20270302T100000Z")
