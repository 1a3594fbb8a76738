"""Calendar addresses as people and programs write them (RFC 6068), and replies without an organizer."""

import pytest
from convoke_importer import decisions
from convoke_importer.content_lines import parse_line
from convoke_importer.people import find_emails, list_some
from unit.importer.calendar_text import (
    ANN,
    BOB,
    EVE,
    UID,
    apply,
    attendees,
    calendar,
    event,
    reasons,
    revision,
)
from unit.importer.in_memory_events import InMemoryEvents


def read(line: str) -> list[str]:
    found = parse_line(line)
    assert found is not None
    return list(find_emails(found))


@pytest.mark.parametrize(
    ("value", "emails"),
    [
        ("mailto:a%2Bb@x.org", ["a+b@x.org"]),
        ("mailto:a+b@x.org", ["a+b@x.org"]),
        ("MAILTO:a@x.org", ["a@x.org"]),
        ("mailto: a@x.org ", ["a@x.org"]),
        ("mailto:mailto:a@x.org", ["a@x.org"]),
        ("mailto://a@x.org", ["a@x.org"]),
        ("mailto:a@x.org?subject=b@x.org", ["a@x.org"]),
        ("mailto:a@x.org,b@x.org", ["a@x.org", "b@x.org"]),
        ("mailto:a%2Cb@x.org,c@x.org", ["c@x.org"]),
        ("mailto:?to=a@x.org&cc=b@x.org", ["a@x.org"]),
        ("mailto:%D0%B0%D0%BD%D0%BD%D0%B0@x.org", ["анна@x.org"]),
        ("mailto:%FF@x.org", []),
        ("mailto:100%@x.org", ["100%@x.org"]),
        ("mailto:Ann Belova <a@x.org>", ["a@x.org"]),
        ("a@x.org", ["a@x.org"]),
        ("a%2Bb@x.org", ["a%2Bb@x.org"]),
        ("mailto:a%0D%0Ab@x.org", []),
        ("mailto:", []),
        ("http://x.org/a@x.org", []),
    ],
)
def test_an_address_is_found_in_a_uri(value: str, emails: list[str]) -> None:
    assert read(f"ATTENDEE:{value}") == emails


def test_the_email_parameter_counts_where_the_value_has_no_address() -> None:
    assert read("ATTENDEE;EMAIL=a@x.org:urn:uuid:1") == ["a@x.org"]
    assert read("ATTENDEE;EMAIL=a@x.org:mailto:b@x.org") == ["b@x.org"]


def test_of_many_names_a_few_are_said() -> None:
    assert list_some(["a", "b", "a"]) == "a, b"
    assert list_some([str(number) for number in range(7)]) == "0, 1, 2, 3, 4 and 2 more"


def reply(*lines: str, uid: str = UID) -> str:
    return revision(0, *lines, method="REPLY", ORGANIZER=None, UID=f":{uid}")


def test_a_reply_without_organizer_is_that_to_the_one_event_of_its_uid_and_attendee() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0, *attendees(BOB)), reply(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{BOB}"))
    assert (summary.replied, api.get(ANN, UID)["participants"]) == (1, {BOB: "declined"})


def test_a_reply_without_organizer_is_not_guessed() -> None:
    api = InMemoryEvents()
    other = revision(0, *attendees(BOB), ORGANIZER=f":mailto:{EVE}")
    line = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{BOB}"
    summary = apply(
        api,
        revision(0, *attendees(BOB)),
        other,
        reply(line),
        reply(line, uid="unknown"),
        reply(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}"),
        reply(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{BOB},{EVE}"),
    )
    assert reasons(summary) == [
        decisions.AMBIGUOUS_REPLY,
        decisions.UNKNOWN_INVITATION,
        decisions.UNKNOWN_INVITATION,
        "not understood: it has no ATTENDEE with an e-mail address",
    ]
    assert summary.replied == 0


def test_white_space_alone_is_no_update() -> None:
    api = InMemoryEvents()
    first = revision(0, *attendees(BOB), "DESCRIPTION:One\\ntwo")
    spaced = revision(1, *attendees(BOB), "DESCRIPTION: One \\n\\ntwo\\n", SUMMARY=": Review ")
    moved = revision(2, *attendees(BOB), "DESCRIPTION:One\\n two", DTSTART=":20270301T110000Z")
    summary = apply(api, first, spaced, moved)
    assert api.notified == [(BOB, "event_invited"), (BOB, "event_updated")]
    assert (summary.updated, api.get(ANN, UID)["description"]) == (2, "One\ntwo")


def test_events_are_named_in_notes_with_whom_they_are_about() -> None:
    lines = ["ATTENDEE;CUTYPE=ROOM;CN=Big room:mailto:room@x.org", "ATTENDEE;CN=Zoe:urn:uuid:1"]
    summary = apply(InMemoryEvents(), calendar(event(*lines), event(*lines, UID=":2", SUMMARY=":Other")))
    assert summary.notes == {
        "a room or resource was not invited: Big room": ['"Review" 1@example.org', '"Other" 2'],
        "an attendee without an e-mail address was not invited: Zoe": ['"Review" 1@example.org', '"Other" 2'],
    }
