"""REPLY: the reply of an attendee that counts, and one notification of the organizer for each."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from threading import Thread

import pytest
from convoke_importer import decisions
from convoke_importer.api import Refused
from convoke_importer.ledger import Ledger
from convoke_importer.people import Person
from unit.importer.calendar_text import ANN, BOB, EVE, UID, apply, attendees, reasons, revision
from unit.importer.in_memory_events import InMemoryEvents


def reply(sequence: int, partstat: str, *, stamp: int = 1, email: str = BOB) -> str:
    line = f"ATTENDEE;PARTSTAT={partstat}:mailto:{email}"
    return revision(sequence, line, stamp=stamp, method="REPLY", DTSTART=None, SUMMARY=None)


class OvertakenEvents(InMemoryEvents):
    """Start another import during the first response."""

    def __init__(self, import_other: Callable[[], object]) -> None:
        super().__init__()
        self.other = Thread(target=import_other)

    def respond(self, attendee: Person, event_id: str, response_status: str) -> Refused | None:
        if not self.other.ident:
            self.other.start()
            # The other import must not overtake; without the lock it would need far less.
            self.other.join(timeout=0.5)
        return super().respond(attendee, event_id, response_status)


REQUEST = revision(1, *attendees(BOB, EVE))


def response_of(api: InMemoryEvents, email: str = BOB) -> str:
    return str(api.get(ANN, UID)["participants"][email])


def test_a_reply_is_given_and_the_organizer_is_notified() -> None:
    api = InMemoryEvents()
    summary = apply(api, REQUEST, reply(1, "ACCEPTED", email="BOB@Example.org"))
    assert (summary.replied, response_of(api), response_of(api, EVE)) == (1, "accepted", "needs_action")
    assert api.notified[2:] == [(ANN, "participant_responded")]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_the_replies_that_of_the_highest_sequence_and_then_stamp_counts_in_any_order(
    order: tuple[int, ...],
) -> None:
    replies = [
        reply(0, "DECLINED", stamp=9),
        reply(1, "TENTATIVE", stamp=1),
        reply(1, "ACCEPTED", stamp=3),
        reply(1, "DECLINED", stamp=2),
    ]
    api = InMemoryEvents()
    summary = apply(api, REQUEST, *(replies[number] for number in order))
    assert response_of(api) == "accepted"
    assert summary.replied + len(summary.skipped) == 4


def test_each_attendee_has_replies_of_their_own() -> None:
    api = InMemoryEvents()
    apply(api, REQUEST, reply(1, "ACCEPTED", stamp=9), reply(1, "DECLINED", stamp=1, email=EVE))
    assert (response_of(api), response_of(api, EVE)) == ("accepted", "declined")


def test_replies_imported_again_are_skipped_even_after_a_change_of_mind() -> None:
    files = [REQUEST, reply(1, "ACCEPTED"), reply(1, "DECLINED", stamp=2)]
    with Ledger(":memory:") as ledger:
        api = InMemoryEvents()
        assert apply(api, *files, ledger=ledger).replied == 2
        notified = list(api.notified)
        summary = apply(api, *files, ledger=ledger)
        assert reasons(summary) == [
            decisions.ALREADY_IMPORTED,
            decisions.LATER_REPLY,
            decisions.ALREADY_IMPORTED,
        ]
        assert api.notified == notified
        # Bob then accepts in Convoke, without a file.
        api.respond(Person(BOB), api.get(ANN, UID)["id"], "accepted")
        apply(api, *files, ledger=ledger)
        assert response_of(api) == "accepted"


def test_of_two_imports_at_once_the_later_reply_stays(tmp_path: Path) -> None:
    def import_later() -> None:
        with Ledger(tmp_path / "ledger") as ledger:
            apply(api, reply(1, "DECLINED", stamp=2), ledger=ledger)

    api = OvertakenEvents(import_later)
    with Ledger(tmp_path / "ledger") as ledger:
        apply(api, REQUEST, reply(1, "ACCEPTED"), ledger=ledger)
    api.other.join()
    assert response_of(api) == "declined"


def test_two_replies_with_the_same_stamp_do_not_change_each_other() -> None:
    api = InMemoryEvents()
    files = [REQUEST, reply(1, "ACCEPTED"), reply(1, "DECLINED")]
    summary = apply(api, *files, *files)
    assert (summary.replied, response_of(api)) == (1, "accepted")
    assert reasons(summary)[0].startswith("obsolete: another reply of this attendee is known")


def test_a_reply_to_an_earlier_revision_is_still_a_reply() -> None:
    api = InMemoryEvents()
    summary = apply(api, REQUEST, revision(2, *attendees(BOB, EVE), SUMMARY=":Else"), reply(1, "ACCEPTED"))
    assert (summary.replied, response_of(api)) == (1, "accepted")


def test_a_reply_outlives_an_update() -> None:
    api = InMemoryEvents()
    apply(api, REQUEST, reply(1, "ACCEPTED"), revision(2, *attendees(BOB, EVE), SUMMARY=":Else"))
    assert response_of(api) == "accepted"


def test_a_reply_of_a_person_who_was_not_invited_is_skipped() -> None:
    api = InMemoryEvents()
    summary = apply(
        api, REQUEST, reply(1, "ACCEPTED", email="x@example.org"), reply(1, "ACCEPTED", email=ANN)
    )
    assert reasons(summary) == [decisions.NOT_INVITED] * 2
    assert sorted(api.get(ANN, UID)["participants"]) == [BOB, EVE]


def test_a_reply_before_its_event_counts_when_it_is_imported_again() -> None:
    api = InMemoryEvents()
    with Ledger(":memory:") as ledger:
        assert reasons(apply(api, reply(1, "ACCEPTED"), ledger=ledger)) == [decisions.UNKNOWN_EVENT]
        assert apply(api, REQUEST, reply(1, "ACCEPTED"), ledger=ledger).replied == 1


def test_a_reply_to_a_cancelled_event_is_skipped() -> None:
    api = InMemoryEvents()
    apply(api, REQUEST)
    api.cancel(ANN, UID)
    assert reasons(apply(api, reply(1, "ACCEPTED"))) == [decisions.CANCELLED]
