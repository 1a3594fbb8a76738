"""Concurrent imports: each change is applied once."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from convoke_importer import decisions
from convoke_importer.api import Event, Participants, Refused
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.people import Person
from convoke_importer.plans import Plan
from convoke_importer.report import Summary
from unit.importer.calendar_text import ANN, BOB, UID, apply, attendees, plan_all, reasons, revision
from unit.importer.in_memory_events import InMemoryEvents

REQUEST = revision(0, *attendees(BOB))
UPDATE = revision(1, *attendees(BOB), stamp=2, SUMMARY=":Later")
#: Of the same SEQUENCE and DTSTAMP as the update, as in the examples of RFC 2446.
NO_UPDATE = revision(1, *attendees(BOB), stamp=2, SUMMARY=":Else")
NEXT_UPDATE = revision(1, *attendees(BOB), stamp=3, SUMMARY=":Last")

type Import = Callable[[], Summary]


class OvertakenEvents(InMemoryEvents):
    """Other imports begin at certain calls, and have a while to overtake the one that makes the call."""

    def __init__(self, **others: Import) -> None:
        super().__init__()
        self._others = others
        self._threads: list[Thread] = []

    def list_participants(self, organizer: Person, event_id: str) -> Participants | Refused:
        found = super().list_participants(organizer, event_id)
        self._let_overtake("list_participants")
        return found

    def update_event(
        self, organizer: Person, event_id: str, version: int, changes: Mapping[str, Any]
    ) -> Event | Refused:
        self._let_overtake("update_event")
        return super().update_event(organizer, event_id, version, changes)

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused:
        found = super().create_event(organizer, request)
        self._let_overtake("create_event")
        return found

    def join(self) -> None:
        """Wait for the other imports."""
        for thread in self._threads:
            thread.join()

    def _let_overtake(self, call: str) -> None:
        other = self._others.pop(call, None)
        if other:
            thread = Thread(target=other)
            self._threads.append(thread)
            thread.start()
            # Without the lock the other import would need far less.
            thread.join(timeout=0.3)


@pytest.fixture
def import_beside(tmp_path: Path) -> Callable[..., Summary]:
    """Import files as in a process of its own, with the shared ledger."""

    def run(api: InMemoryEvents, *texts: str) -> Summary:
        with Ledger(tmp_path / "ledger") as ledger:
            return apply(api, *texts, ledger=ledger)

    return run


def test_a_change_that_another_import_is_making_is_not_taken_for_an_interrupted_one(
    import_beside: Callable[..., Summary],
) -> None:
    # The first has read the event when the second changes it, and records its beginning when the second
    # comes to a component without changes.
    api = OvertakenEvents(
        list_participants=lambda: import_beside(api, UPDATE),
        update_event=lambda: import_beside(api, NO_UPDATE),
    )
    import_beside(api, REQUEST, UPDATE)
    api.join()
    assert api.get(ANN, UID)["title"] == "Later"
    assert api.notified == [(BOB, "event_invited"), (BOB, "event_updated")]


def test_what_was_made_of_an_event_just_created_is_remembered(import_beside: Callable[..., Summary]) -> None:
    api = OvertakenEvents(create_event=lambda: import_beside(api, REQUEST, UPDATE))
    import_beside(api, REQUEST)
    api.join()
    assert import_beside(api, NEXT_UPDATE).updated == 1


def test_an_early_read_does_not_undo_the_changes_of_others_since(
    import_beside: Callable[..., Summary], tmp_path: Path
) -> None:
    api = InMemoryEvents()
    summary = Summary()

    def plan_slowly() -> Iterator[Plan]:
        yield from plan_all(REQUEST)
        assert import_beside(api, UPDATE).updated == 1
        yield from plan_all(REQUEST)

    with Ledger(tmp_path / "ledger") as ledger:
        apply_plans(plan_slowly(), api, ledger, summary)
    assert reasons(summary) == [decisions.ALREADY_IMPORTED]
    assert import_beside(api, NEXT_UPDATE).updated == 1
