"""What a component asks for, by itself."""

import pytest
from convoke_importer.plans import Cancel, Reply, Skip
from convoke_importer.revisions import Revision
from unit.importer.calendar_text import (
    ANN,
    attendees,
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
def test_other_methods_ask_for_nothing(method: str, reason: str) -> None:
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


def plan_other(text: str) -> Cancel | Reply:
    """The cancellation or the answer that a file with one component asks for."""
    (plan,) = plan_all(text)
    assert isinstance(plan, Cancel | Reply), plan
    return plan


def test_a_cancellation_is_of_the_organizer_s_event() -> None:
    lines = ["SEQUENCE:2", "STATUS:CANCELLED", "DTSTAMP:20270201T090000Z", "ATTENDEE:mailto:bob@example.org"]
    plan = plan_other(calendar(event(*lines, DTSTART=None, SUMMARY=None), METHOD="CANCEL"))
    assert isinstance(plan, Cancel)
    assert (plan.organizer.email, plan.uid) == (ANN, "1@example.org")
    assert plan.revision == Revision(2, "20270201T090000")
    assert plan.removed_emails == ()


@pytest.mark.parametrize("method", ["", "PUBLISH", "REQUEST"])
def test_an_event_with_status_cancelled_is_a_cancellation(method: str) -> None:
    plan = plan_other(calendar(event("STATUS:CANCELLED"), METHOD=method))
    assert isinstance(plan, Cancel)
    assert plan.removed_emails == ()


def test_a_cancellation_that_names_nobody_cancels_the_event() -> None:
    plan = plan_other(calendar(event(), METHOD="CANCEL"))
    assert isinstance(plan, Cancel)
    assert plan.removed_emails == ()


def test_a_cancellation_without_status_uninvites_whom_it_names() -> None:
    lines = ["ATTENDEE:mailto:Bob@example.org", f"ATTENDEE:mailto:{ANN}", "ATTENDEE:mailto:bob@example.org"]
    plan = plan_other(calendar(event(*lines), METHOD="CANCEL"))
    assert isinstance(plan, Cancel)
    assert plan.removed_emails == ("Bob@example.org",)


@pytest.mark.parametrize(
    "attendee", [":urn:uuid:1", f":mailto:{ANN}", ";CUTYPE=ROOM:mailto:room@example.org"]
)
def test_a_cancellation_that_uninvites_nobody_is_not_taken_for_one_of_the_event(attendee: str) -> None:
    reason = find_skip_reason(calendar(event(f"ATTENDEE{attendee}"), METHOD="CANCEL"))
    assert reason == "not understood: it names no attendee with an e-mail address other than its ORGANIZER"


@pytest.mark.parametrize(
    ("partstat", "response_status"),
    [
        ("ACCEPTED", "accepted"),
        ("declined", "declined"),
        ("TENTATIVE", "tentative"),
        ("NEEDS-ACTION", "needs_action"),
    ],
)
def test_an_answer_is_its_attendee_s(partstat: str, response_status: str) -> None:
    lines = [f"ATTENDEE;CN=Bob;PARTSTAT={partstat}:mailto:bob@example.org", "SEQUENCE:1"]
    plan = plan_other(calendar(event(*lines, DTSTART=None), METHOD="REPLY"))
    assert isinstance(plan, Reply)
    assert (plan.attendee.email, plan.attendee.name) == ("bob@example.org", "Bob")
    assert (plan.organizer.email, plan.uid) == (ANN, "1@example.org")
    assert (plan.response_status, plan.revision) == (response_status, Revision(1))


@pytest.mark.parametrize(
    ("attendees", "reason"),
    [
        ([], "it has no ATTENDEE with an e-mail address"),
        ([";PARTSTAT=ACCEPTED:urn:uuid:1"], "it has no ATTENDEE with an e-mail address"),
        ([";PARTSTAT=ACCEPTED:mailto:b@example.org"] * 2, "it has more than one ATTENDEE"),
        ([":mailto:b@example.org"], "its ATTENDEE has no PARTSTAT of a response"),
        ([";PARTSTAT=COMPLETED:mailto:b@example.org"], "its ATTENDEE has no PARTSTAT of a response"),
    ],
)
def test_an_answer_of_nobody_or_of_nothing_is_not_guessed(attendees: list[str], reason: str) -> None:
    text = calendar(event(*(f"ATTENDEE{each}" for each in attendees)), METHOD="REPLY")
    assert find_skip_reason(text).startswith(f"not understood: {reason}")


def test_an_answer_needs_a_uid() -> None:
    line = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org"
    reason = find_skip_reason(calendar(event(line, UID=None), METHOD="REPLY"))
    assert reason == "not understood: it has no UID, so its event is unknown"


def test_a_delegation_is_no_answer() -> None:
    line = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:eve@example.org":mailto:bob@example.org'
    assert find_skip_reason(calendar(event(line), METHOD="REPLY")) == "not yet supported: a delegation"


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


@pytest.mark.parametrize(
    ("method", "lines", "lists_everybody"),
    [
        ("REQUEST", ["ATTENDEE:mailto:bob@example.org", "ATTENDEE;CUTYPE=ROOM:room 1"], True),
        ("REQUEST", ["ATTENDEE:mailto:bob@example.org", "ATTENDEE:urn:uuid:1"], False),
        ("REQUEST", [], False),
        ("PUBLISH", ["ATTENDEE:mailto:bob@example.org"], False),
        ("", ["ATTENDEE:mailto:bob@example.org"], False),
    ],
)
def test_a_request_alone_lists_everybody_when_all_can_be_read(
    method: str, lines: list[str], lists_everybody: bool
) -> None:
    assert plan_creation(calendar(event(*lines), METHOD=method)).lists_everybody is lists_everybody


def test_answers_in_the_organizer_s_copy_are_left_to_a_reply_and_noted() -> None:
    lines = [
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:eve@example.org",
    ]
    plan = plan_creation(calendar(event(*lines), METHOD="REQUEST"))
    assert plan.request["participant_emails"] == ["bob@example.org", "eve@example.org"]
    assert plan.notes == (
        "a PARTSTAT in the organizer's copy was ignored, only a REPLY counts: bob@example.org",
    )


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
        "an attendee without an e-mail address was not invited: mailto:, http://example.org/people/1",
        "a room or resource was not invited: mailto:room@example.org",
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


def test_a_broken_line_that_matters_is_not_passed_over() -> None:
    reason = "not understood: its line DTEND is broken"
    assert find_skip_reason(calendar(event("DTEND 20270301T110000Z"))) == reason


def test_a_broken_attendee_costs_nobody_the_event_or_the_place_in_it() -> None:
    plan = plan_creation(
        calendar(event("ATTENDEE=mailto bob", *attendees("eve@example.org")), METHOD="REQUEST")
    )
    assert plan.request["participant_emails"] == ["eve@example.org"]
    assert not plan.lists_everybody
    assert plan.notes == ("a line that could not be read was left out",)


def test_a_broken_line_that_does_not_matter_is_left_out_and_noted() -> None:
    plan = plan_creation(calendar(event("of a description that was folded badly.")))
    assert plan.notes == ("a line that could not be read was left out",)


def test_a_missing_uid_is_the_same_at_each_export() -> None:
    def uid_of(*lines: str, **changes: str | None) -> str:
        return plan_creation(calendar(event(*lines, UID=None, **changes))).uid

    assert uid_of("DTSTAMP:20260101T000000Z", "SEQUENCE:1") == uid_of("DTSTAMP:20260202T000000Z")
    assert uid_of() != uid_of(SUMMARY=":Another")
    assert uid_of() != uid_of(DTSTART=":20270302T100000Z")
