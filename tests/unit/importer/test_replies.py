"""REPLY: which answer of an attendee counts, and that the organizer hears of each one once."""

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


def reply(sequence: int, answer: str, *, stamp: int = 1, email: str = BOB) -> str:
    line = f"ATTENDEE;PARTSTAT={answer}:mailto:{email}"
    return revision(sequence, line, stamp=stamp, method="REPLY", DTSTART=None, SUMMARY=None)


class OvertakenEvents(InMemoryEvents):
    """While the first answer is on its way, somebody else imports one as well."""

    def __init__(self, import_other: Callable[[], object]) -> None:
        super().__init__()
        self.other = Thread(target=import_other)

    def respond(self, attendee: Person, event_id: str, response_status: str) -> Refused | None:
        if not self.other.ident:
            self.other.start()
            # Nobody should overtake; whoever does needs far less.
            self.other.join(timeout=0.5)
        return super().respond(attendee, event_id, response_status)


REQUEST = revision(1, *attendees(BOB, EVE))


def answer_of(api: InMemoryEvents, email: str = BOB) -> str:
    return str(api.get(ANN, UID)["participants"][email])


def test_an_answer_is_given_and_the_organizer_is_told() -> None:
    api = InMemoryEvents()
    summary = apply(api, REQUEST, reply(1, "ACCEPTED", email="BOB@Example.org"))
    assert (summary.replied, answer_of(api), answer_of(api, EVE)) == (1, "accepted", "needs_action")
    assert api.told[2:] == [(ANN, "participant_responded")]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_the_answers_that_of_the_highest_sequence_and_then_stamp_counts_in_any_order(
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
    assert answer_of(api) == "accepted"
    assert summary.replied + len(summary.skipped) == 4


def test_each_attendee_has_answers_of_their_own() -> None:
    api = InMemoryEvents()
    apply(api, REQUEST, reply(1, "ACCEPTED", stamp=9), reply(1, "DECLINED", stamp=1, email=EVE))
    assert (answer_of(api), answer_of(api, EVE)) == ("accepted", "declined")


def test_answers_imported_again_are_no_news_even_after_a_change_of_mind() -> None:
    files = [REQUEST, reply(1, "ACCEPTED"), reply(1, "DECLINED", stamp=2)]
    with Ledger(":memory:") as ledger:
        api = InMemoryEvents()
        assert apply(api, *files, ledger=ledger).replied == 2
        told = list(api.told)
        summary = apply(api, *files, ledger=ledger)
        assert reasons(summary) == [
            decisions.ALREADY_IMPORTED,
            decisions.LATER_REPLY,
            decisions.ALREADY_IMPORTED,
        ]
        assert api.told == told
        # Bob then accepts in Convoke, which the files do not know.
        api.respond(Person(BOB), api.get(ANN, UID)["id"], "accepted")
        apply(api, *files, ledger=ledger)
        assert answer_of(api) == "accepted"


def test_of_two_imports_at_once_the_later_answer_stays(tmp_path: Path) -> None:
    def import_later() -> None:
        with Ledger(tmp_path / "ledger") as ledger:
            apply(api, reply(1, "DECLINED", stamp=2), ledger=ledger)

    api = OvertakenEvents(import_later)
    with Ledger(tmp_path / "ledger") as ledger:
        apply(api, REQUEST, reply(1, "ACCEPTED"), ledger=ledger)
    api.other.join()
    assert answer_of(api) == "declined"


def test_two_answers_at_the_same_moment_do_not_change_each_other() -> None:
    api = InMemoryEvents()
    files = [REQUEST, reply(1, "ACCEPTED"), reply(1, "DECLINED")]
    summary = apply(api, *files, *files)
    assert (summary.replied, answer_of(api)) == (1, "accepted")
    assert reasons(summary)[0].startswith("obsolete: another reply of this attendee is known")


def test_an_answer_to_an_earlier_revision_is_still_an_answer() -> None:
    api = InMemoryEvents()
    summary = apply(api, REQUEST, revision(2, *attendees(BOB, EVE), SUMMARY=":Else"), reply(1, "ACCEPTED"))
    assert (summary.replied, answer_of(api)) == (1, "accepted")


def test_an_answer_outlives_an_update() -> None:
    api = InMemoryEvents()
    apply(api, REQUEST, reply(1, "ACCEPTED"), revision(2, *attendees(BOB, EVE), SUMMARY=":Else"))
    assert answer_of(api) == "accepted"


def test_whoever_was_not_invited_crashes_no_party() -> None:
    api = InMemoryEvents()
    summary = apply(
        api, REQUEST, reply(1, "ACCEPTED", email="x@example.org"), reply(1, "ACCEPTED", email=ANN)
    )
    assert reasons(summary) == [decisions.NOT_INVITED] * 2
    assert sorted(api.get(ANN, UID)["participants"]) == [BOB, EVE]


def test_an_answer_before_its_event_counts_when_it_is_imported_again() -> None:
    api = InMemoryEvents()
    with Ledger(":memory:") as ledger:
        assert reasons(apply(api, reply(1, "ACCEPTED"), ledger=ledger)) == [decisions.UNKNOWN_EVENT]
        assert apply(api, REQUEST, reply(1, "ACCEPTED"), ledger=ledger).replied == 1


def test_nobody_answers_to_what_was_cancelled() -> None:
    api = InMemoryEvents()
    apply(api, REQUEST)
    api.cancel(ANN, UID)
    assert reasons(apply(api, reply(1, "ACCEPTED"))) == [decisions.CANCELLED]
