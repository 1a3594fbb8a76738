"""Later revisions of an event: what counts as later, their changes and notifications."""

import pytest
from convoke_importer import decisions
from convoke_importer.ledger import Ledger
from unit.importer.calendar_text import ANN, BOB, DAN, EVE, UID, apply, attendees, reasons, revision
from unit.importer.in_memory_events import InMemoryEvents


def read(api: InMemoryEvents) -> tuple[str, int, list[str]]:
    found = api.get(ANN, UID)
    return found["title"], found["sequence"], sorted(found["participants"])


@pytest.mark.parametrize("method", ["", "PUBLISH", "REQUEST"])
def test_a_higher_sequence_changes_the_event_and_notifies_its_participants(method: str) -> None:
    api = InMemoryEvents()
    lines = ["DTEND:20270302T120000Z", "LOCATION:Room 2", "DESCRIPTION:New"]
    summary = apply(
        api,
        revision(0, *attendees(BOB), "DESCRIPTION:Old"),
        revision(3, *attendees(BOB), *lines, method=method, DTSTART=":20270302T110000Z", SUMMARY=":Later"),
    )
    assert (summary.created, summary.updated, summary.skipped) == (1, 1, [])
    found = api.get(ANN, UID)
    assert (found["title"], found["location"], found["description"]) == ("Later", "Room 2", "New")
    assert found["starts_at"].isoformat() == "2027-03-02T11:00:00+00:00"
    assert found["ends_at"].isoformat() == "2027-03-02T12:00:00+00:00"
    assert found["sequence"] == 3
    assert api.notified == [(BOB, "event_invited"), (BOB, "event_updated")]


def test_a_lower_sequence_is_obsolete_however_late_its_stamp() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(2), revision(1, stamp=9, SUMMARY=":Else"))
    assert reasons(summary) == [decisions.LATER_SEQUENCE]
    assert read(api)[0] == "Review"


def test_of_equal_sequences_the_later_stamp_counts() -> None:
    api = InMemoryEvents()
    summary = apply(
        api, revision(2), revision(2, stamp=3, SUMMARY=":Third"), revision(2, stamp=2, SUMMARY=":Second")
    )
    assert (summary.updated, reasons(summary)) == (1, [decisions.NOT_KNOWN_TO_BE_LATER])
    # The API counts each visible change.
    assert read(api)[:2] == ("Third", 3)


@pytest.mark.parametrize(("first", "second"), [(1, 1), (0, 1), (1, 0), (0, 0)])
def test_what_is_not_known_to_be_later_changes_nothing(first: int, second: int) -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(2, stamp=first), revision(2, stamp=second, SUMMARY=":Else"))
    assert reasons(summary) == [decisions.NOT_KNOWN_TO_BE_LATER]
    assert read(api)[0] == "Review"


def test_after_an_update_that_kept_the_sequence_the_next_one_is_still_later() -> None:
    api = InMemoryEvents()
    files = [revision(2), revision(2, stamp=2, SUMMARY=":Second"), revision(3, stamp=3, SUMMARY=":Third")]
    assert apply(api, *files).updated == 2
    assert read(api)[:2] == ("Third", 4)


def test_a_change_in_convoke_makes_what_the_file_knew_obsolete() -> None:
    with Ledger(":memory:") as ledger:
        api = InMemoryEvents()
        apply(api, revision(2), ledger=ledger)
        api.change(ANN, UID, title="Mine")
        late = revision(2, stamp=9, SUMMARY=":Theirs")
        assert reasons(apply(api, late, ledger=ledger)) == [decisions.LATER_SEQUENCE]
        same = revision(3, stamp=9, SUMMARY=":Theirs")
        assert reasons(apply(api, same, ledger=ledger)) == [decisions.NOT_KNOWN_TO_BE_LATER]
        assert read(api)[0] == "Mine"
        assert apply(api, revision(4, stamp=9, SUMMARY=":Theirs"), ledger=ledger).updated == 1


def test_an_added_person_is_invited_once_and_to_the_event_as_it_is_then() -> None:
    api = InMemoryEvents()
    summary = apply(
        api, revision(0, *attendees(BOB)), revision(1, *attendees(BOB, EVE, ANN), SUMMARY=":Later")
    )
    assert summary.updated == 1
    assert read(api) == ("Later", 1, [BOB, EVE])
    assert api.notified == [(BOB, "event_invited"), (BOB, "event_updated"), (EVE, "event_invited")]


def test_a_person_not_in_a_later_request_is_uninvited_and_notified_of_nothing_else() -> None:
    api = InMemoryEvents()
    summary = apply(
        api, revision(0, *attendees(BOB, EVE)), revision(1, *attendees("EVE@example.org"), SUMMARY=":Later")
    )
    assert read(api) == ("Later", 1, [EVE])
    assert api.notified[2:] == [(BOB, "participant_removed"), (EVE, "event_updated")]
    assert summary.notes == {
        "people whom a later REQUEST does not list were uninvited: bob@example.org": ['"Later" 1@example.org']
    }


@pytest.mark.parametrize(
    "later",
    [
        revision(0, *attendees(EVE), stamp=2),
        revision(1, *attendees(EVE), method="PUBLISH"),
        revision(1, *attendees(EVE), method=""),
        revision(1, *attendees(EVE), "ATTENDEE:urn:uuid:1"),
        revision(1),
    ],
)
def test_an_incomplete_list_uninvites_nobody(later: str) -> None:
    api = InMemoryEvents()
    apply(api, revision(0, *attendees(BOB, EVE)), later)
    assert read(api)[2] == [BOB, EVE]


def test_an_organizer_who_takes_part_is_not_uninvited_for_being_the_organizer() -> None:
    api = InMemoryEvents()
    apply(api, revision(0, *attendees(BOB)))
    api.get(ANN, UID)["participants"][ANN] = "accepted"
    apply(api, revision(1, *attendees(BOB)))
    assert read(api)[2] == [ANN, BOB]


def test_somebody_new_is_reason_enough_for_an_update() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0, *attendees(BOB)), revision(0, *attendees(BOB, EVE), stamp=2))
    assert (summary.updated, read(api)[2]) == (1, [BOB, EVE])
    assert api.notified == [(BOB, "event_invited"), (EVE, "event_invited")]


def test_a_new_export_of_the_same_event_is_no_update() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0), revision(0, stamp=3), revision(0, stamp=2, SUMMARY=":Old"))
    # The third one is older than the second, which has the same contents as the first.
    assert reasons(summary) == [decisions.ALREADY_IMPORTED, decisions.NOT_KNOWN_TO_BE_LATER]


def test_an_old_export_makes_nothing_older_than_it_is() -> None:
    api = InMemoryEvents()
    summary = apply(api, revision(0, stamp=5), revision(0, stamp=2), revision(0, stamp=3, SUMMARY=":Old"))
    assert reasons(summary) == [decisions.ALREADY_IMPORTED, decisions.NOT_KNOWN_TO_BE_LATER]


def test_an_event_that_was_there_before_is_of_the_revision_that_says_the_same() -> None:
    api = InMemoryEvents()
    with Ledger(":memory:") as another:
        apply(api, revision(0), ledger=another)
    summary = apply(api, revision(0, stamp=2), revision(0, stamp=3, SUMMARY=":Later"))
    assert (summary.updated, reasons(summary)) == (1, [decisions.ALREADY_IMPORTED])


def test_a_delegation_sent_on_is_no_update_of_the_organizer() -> None:
    delegation = [
        f'ATTENDEE;DELEGATED-TO="mailto:{EVE}":mailto:{BOB}',
        f'ATTENDEE;DELEGATED-FROM="mailto:{BOB}":mailto:{EVE}',
    ]
    api = InMemoryEvents()
    summary = apply(
        api,
        revision(0, *attendees(BOB, DAN)),
        revision(0, *delegation, stamp=2),
        revision(1, *delegation, stamp=3),
    )
    assert reasons(summary) == [decisions.DELEGATION]
    assert read(api)[2] == [BOB, EVE]


@pytest.mark.parametrize(("alarm", "minutes"), [("", [30]), ("-PT5M", [5])])
def test_reminders_stay_unless_an_update_has_alarms(alarm: str, minutes: list[int]) -> None:
    def alarm_at(trigger: str) -> str:
        return f"BEGIN:VALARM\r\nTRIGGER:{trigger}\r\nEND:VALARM"

    api = InMemoryEvents()
    apply(api, revision(0, alarm_at("-PT30M")), revision(1, *([alarm_at(alarm)] if alarm else [])))
    assert api.get(ANN, UID)["reminder_minutes"] == minutes


def test_importing_the_revisions_again_in_any_order_changes_nothing() -> None:
    files = [
        revision(0, *attendees(BOB)),
        revision(0, *attendees(BOB, EVE), stamp=2, SUMMARY=":Second"),
        revision(1, *attendees(EVE), stamp=3, SUMMARY=":Third"),
    ]
    with Ledger(":memory:") as ledger:
        api = InMemoryEvents()
        apply(api, *files, ledger=ledger)
        notified, found = list(api.notified), dict(api.get(ANN, UID))
        summary = apply(api, *files, *reversed(files), ledger=ledger)
        assert (summary.created, summary.updated, len(summary.skipped)) == (0, 0, 6)
        assert (api.notified, api.get(ANN, UID)) == (notified, found)
