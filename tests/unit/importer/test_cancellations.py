"""CANCEL: cancel an event, uninvite people, or be obsolete."""

import pytest
from convoke_importer import decisions
from convoke_importer.ledger import Ledger
from convoke_importer.people import Person
from unit.importer.calendar_text import (
    ANN,
    BOB,
    DAN,
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


def read(api: InMemoryEvents) -> tuple[str, int, list[str]]:
    found = api.get(ANN, UID)
    return found["title"], found["sequence"], sorted(found["participants"])


def cancellation(sequence: int, *lines: str, stamp: int = 1) -> str:
    return revision(sequence, *lines, stamp=stamp, method="CANCEL", DTSTART=None, SUMMARY=None)


def test_an_event_is_cancelled_once_and_its_participants_are_notified() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0, *attendees(BOB)), *[cancellation(1, "STATUS:CANCELLED")] * 2)
    assert (summary.cancelled, reasons(summary)) == (1, [decisions.CANCELLED])
    assert api.get(ANN, UID)["status"] == "cancelled"
    assert api.notified == [(BOB, "event_invited"), (BOB, "event_cancelled")]


def test_a_published_event_that_becomes_cancelled_is_cancelled() -> None:
    summary = apply(InMemoryEvents(), revision(0), revision(1, "STATUS:CANCELLED", method="PUBLISH"))
    assert summary.cancelled == 1


def test_an_unknown_event_cannot_be_cancelled() -> None:
    api = InMemoryEvents()
    summary = apply(api, cancellation(1), revision(0, "STATUS:CANCELLED"))
    assert reasons(summary) == [decisions.UNKNOWN_EVENT] * 2
    # In the other order, it counts.
    assert apply(api, revision(0), cancellation(1)).cancelled == 1


@pytest.mark.parametrize(
    ("sequence", "stamp", "outcome"),
    [
        (1, 9, decisions.LATER_SEQUENCE),
        (2, 4, decisions.LATER_STAMP),
        (2, 5, ""),
        (2, 6, ""),
        (2, 0, ""),
        (3, 1, ""),
    ],
)
@pytest.mark.parametrize("lines", [["STATUS:CANCELLED"], attendees(BOB)])
def test_a_cancellation_counts_unless_it_is_of_an_earlier_revision(
    sequence: int, stamp: int, outcome: str, lines: list[str]
) -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(2, *attendees(BOB), stamp=5), cancellation(sequence, *lines, stamp=stamp))
    assert reasons(summary) == ([outcome] if outcome else [])
    is_untouched = api.get(ANN, UID)["status"] == "confirmed" and read(api)[2] == [BOB]
    assert is_untouched is bool(outcome)


def test_a_cancelled_event_is_not_called_again() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0, *attendees(BOB)), cancellation(1), revision(2, *attendees(BOB, EVE)))
    assert reasons(summary) == [decisions.CANCELLED]
    assert api.notified[-1] == (BOB, "event_cancelled")


def test_an_uninvited_person_is_notified_and_the_event_stays() -> None:
    api = InMemoryEvents()
    summary = apply(
        api, revision(0, *attendees(BOB, EVE)), cancellation(1, *attendees("BOB@example.org", ANN))
    )
    assert (summary.cancelled, summary.updated) == (0, 1)
    assert read(api) == ("Review", 0, [EVE])
    assert api.notified[2:] == [(BOB, "participant_removed")]


def test_two_cancellations_of_one_revision_may_each_uninvite_somebody() -> None:
    api = InMemoryEvents()
    summary = apply(
        api,
        revision(0, *attendees(BOB, EVE, DAN)),
        cancellation(1, *attendees(BOB)),
        cancellation(1, *attendees(EVE)),
        revision(1, *attendees(DAN), SUMMARY=":Three left"),
    )
    assert summary.updated == 3
    assert read(api) == ("Three left", 1, [DAN])


def test_a_person_who_was_invited_again_since_is_not_uninvited_again() -> None:
    with Ledger(":memory:") as ledger:
        api = InMemoryEvents()
        files = [revision(0, *attendees(BOB)), cancellation(1, *attendees(BOB))]
        apply(api, *files, ledger=ledger)
        api.add_participants(Person(ANN), api.get(ANN, UID)["id"], [BOB])
        summary = apply(api, *files, ledger=ledger)
        assert reasons(summary) == [decisions.ALREADY_IMPORTED] * 2
        assert read(api)[2] == [BOB]


def test_an_earlier_request_does_not_invite_again_and_a_later_one_does() -> None:
    api = InMemoryEvents()
    files = [
        revision(0, *attendees(BOB, EVE)),
        cancellation(2, *attendees(BOB)),
        revision(1, *attendees(BOB, EVE), SUMMARY=":Sent before"),
    ]
    apply(api, *files)
    assert read(api) == ("Sent before", 1, [EVE])
    api = InMemoryEvents()
    apply(api, *files, revision(3, *attendees(BOB, EVE)))
    assert read(api) == ("Review", 3, [BOB, EVE])


def test_of_a_request_and_a_cancellation_of_one_revision_the_cancellation_counts() -> None:
    api = InMemoryEvents()
    apply(
        api,
        revision(0, *attendees(BOB, EVE)),
        cancellation(1, *attendees(BOB)),
        revision(1, *attendees(BOB, EVE), SUMMARY=":Later"),
    )
    assert read(api) == ("Later", 1, [EVE])


def test_uninviting_a_person_who_is_no_participant_notifies_nobody() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0, *attendees(BOB)), cancellation(1, *attendees(EVE)))
    assert reasons(summary) == [decisions.NO_PARTICIPANT_LEFT]
    assert api.notified == [(BOB, "event_invited")]


def test_a_cancellation_is_of_the_event_of_its_organizer() -> None:
    api = InMemoryEvents()
    other = calendar(event("SEQUENCE:1", ORGANIZER=f":mailto:{BOB}"), METHOD="CANCEL")
    assert reasons(apply(api, revision(0, *attendees(BOB)), other)) == [decisions.UNKNOWN_EVENT]
