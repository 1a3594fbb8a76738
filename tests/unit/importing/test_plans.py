"""What a component asks for, and what is left of it when the event is known."""

from typing import Any

import pytest
from convoke_local.importing.plans import Create, Skip, compare_with_known
from unit.importing.calendar_text import ANN, calendar, event, find_skip_reason, plan_all, plan_creation


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
        ("CANCEL", "not yet supported: a cancellation"),
        ("REPLY", "not yet supported: an answer"),
        ("ADD", "not yet supported: an occurrence"),
        ("REFRESH", "not yet supported: a request to send"),
        ("COUNTER", "not yet supported: a proposal"),
        ("DECLINECOUNTER", "not yet supported: a refused proposal"),
        ("DESTROY", "not understood: a METHOD"),
    ],
)
def test_other_methods_create_nothing(method: str, reason: str) -> None:
    assert find_skip_reason(calendar(event(), METHOD=method)).startswith(reason)


@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=DAILY", "RDATE:20270302T100000Z", "RECURRENCE-ID:20270301T100000Z"]
)
def test_recurrence_is_left_for_later(line: str) -> None:
    assert find_skip_reason(calendar(event(line))) == "not yet supported: recurrence"


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


def test_a_cancelled_event_invites_nobody() -> None:
    assert find_skip_reason(calendar(event("STATUS:CANCELLED"))) == "obsolete: the event is cancelled"


def test_an_event_without_organizer_needs_an_owner() -> None:
    text = calendar(event(ORGANIZER=None))
    assert find_skip_reason(text).startswith("not understood: it has no ORGANIZER")
    assert plan_creation(text, acting_as=ANN).organizer.email == ANN


def test_a_calendar_named_after_an_address_belongs_to_that_person() -> None:
    text = calendar(event(ORGANIZER=None), X_WR_CALNAME="ann@example.org")
    assert plan_creation(text).organizer.email == ANN


def test_nobody_acts_for_an_organizer_without_address() -> None:
    text = calendar(event(ORGANIZER=":urn:uuid:f81d4fae"))
    assert find_skip_reason(text, acting_as=ANN).startswith("not understood: its ORGANIZER has no e-mail")


def test_each_person_is_invited_once_and_the_organizer_not() -> None:
    plan = plan_creation(
        calendar(
            event(
                "ATTENDEE:mailto:ANN@example.org",
                "ATTENDEE:mailto:bob@example.org",
                "ATTENDEE:mailto:BOB@Example.org",
                "ATTENDEE:eve@example.org",
                "ATTENDEE;EMAIL=dan@example.org:urn:uuid:1",
                "ATTENDEE:mailto:kim@example.org?subject=hello",
            )
        )
    )
    assert plan.request["participant_emails"] == [
        "bob@example.org",
        "eve@example.org",
        "dan@example.org",
        "kim@example.org",
    ]


def test_whoever_cannot_be_invited_is_left_out_and_noted() -> None:
    plan = plan_creation(
        calendar(
            event(
                "ATTENDEE:mailto:",
                "ATTENDEE:http://example.org/people/1",
                "ATTENDEE;CUTYPE=ROOM:mailto:room@example.org",
                "ATTENDEE:mailto:bob@example.org",
            )
        )
    )
    assert plan.request["participant_emails"] == ["bob@example.org"]
    assert set(plan.notes) == {
        "an attendee without an e-mail address was not invited",
        "a room or resource was not invited",
    }


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


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("DTEND 20270301T110000Z", "not understood: its line DTEND is broken"),
        ("ATTENDEE;:mailto:bob@example.org", "not understood: its line ATTENDEE is broken"),
    ],
)
def test_a_broken_line_that_matters_is_not_passed_over(line: str, reason: str) -> None:
    assert find_skip_reason(calendar(event(line))) == reason


def test_a_broken_line_that_does_not_matter_is_left_out_and_noted() -> None:
    plan = plan_creation(calendar(event("of a description that was folded badly.")))
    assert plan.notes == ("a line that could not be read was left out",)


def test_a_missing_uid_is_the_same_at_each_export() -> None:
    def uid_of(*lines: str, **changes: str | None) -> str:
        return plan_creation(calendar(event(*lines, UID=None, **changes))).uid

    assert uid_of("DTSTAMP:20260101T000000Z", "SEQUENCE:1") == uid_of("DTSTAMP:20260202T000000Z")
    assert uid_of() != uid_of(SUMMARY=":Another")
    assert uid_of() != uid_of(DTSTART=":20270302T100000Z")


SILENT_UPDATE = "not yet supported: an update of an event that keeps its SEQUENCE"


def known(plan: Create, **changes: Any) -> dict[str, Any]:
    return {"status": "confirmed", **plan.request, **changes}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "already imported"),
        ({"starts_at": "2027-03-01T13:00:00+03:00", "ends_at": "2027-03-01T10:00:00Z"}, "already imported"),
        ({"reminder_minutes": [15]}, "already imported"),
        ({"sequence": 4}, "not yet supported: an update of an event (higher SEQUENCE)"),
        ({"sequence": 6}, "obsolete: a later revision of the event is there (higher SEQUENCE)"),
        ({"title": "Else"}, SILENT_UPDATE),
        ({"ends_at": "2027-03-01T10:30:00Z"}, SILENT_UPDATE),
        ({"status": "cancelled"}, "obsolete: the event was cancelled"),
        ({"status": "cancelled", "sequence": 4}, "obsolete: the event was cancelled"),
    ],
)
def test_a_known_event_is_compared_by_sequence_and_content(changes: dict[str, Any], reason: str) -> None:
    plan = plan_creation(calendar(event("SEQUENCE:5")))
    assert compare_with_known(plan, known(plan, **changes)) == Skip("1@example.org", "VEVENT", reason)
