"""The organizer and attendees of a plan."""

import pytest
from unit.importer.calendar_text import (
    ANN,
    attendees,
    calendar,
    event,
    find_skip_reason,
    plan_creation,
)


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


def test_an_event_without_organizer_needs_an_owner() -> None:
    text = calendar(event(ORGANIZER=None))
    assert find_skip_reason(text).startswith("not understood: it has no ORGANIZER")
    assert plan_creation(text, acting_as=ANN).organizer.email == ANN


def test_a_calendar_named_after_an_address_belongs_to_that_person() -> None:
    text = calendar(event(ORGANIZER=None), X_WR_CALNAME="ann@example.org")
    assert plan_creation(text).organizer.email == ANN


def test_an_organizer_without_an_address_is_not_replaced() -> None:
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


def test_an_attendee_who_cannot_be_invited_is_left_out_and_noted() -> None:
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


def test_a_broken_attendee_affects_neither_the_event_nor_the_others() -> None:
    plan = plan_creation(
        calendar(event("ATTENDEE=mailto bob", *attendees("eve@example.org")), METHOD="REQUEST")
    )
    assert plan.request["participant_emails"] == ["eve@example.org"]
    assert not plan.lists_everybody
    assert plan.notes == ("a line that could not be read was left out",)
