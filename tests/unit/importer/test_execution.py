"""Carry out plans: each event once, in order, with an outcome for each component."""

from collections.abc import Mapping
from typing import Any

import pytest
from convoke_importer import decisions
from convoke_importer.api import Event, Refused
from convoke_importer.people import Person
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


class RefusingEvents(InMemoryEvents):
    """Refuse every creation with one status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Refused:
        self.calls += 1
        return Refused(self._status, "No.")


class EditedEvents(InMemoryEvents):
    """Change each event in Convoke right after its creation."""

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused:
        event = super().create_event(organizer, request)
        self.change(organizer.email, request["uid"], title="Mine", sequence=5)
        return event


def test_an_event_is_created_once_however_often_it_comes() -> None:
    summary = apply(InMemoryEvents(), calendar(event(), event()), calendar(event()))
    assert summary.created == 1
    assert reasons(summary) == ["already imported"] * 2


def test_one_uid_of_two_organizers_is_two_events() -> None:
    summary = apply(InMemoryEvents(), calendar(event(), event(ORGANIZER=":mailto:bob@example.org")))
    assert summary.created == 2


def test_spellings_of_one_organizer_are_one_person() -> None:
    summary = apply(InMemoryEvents(), calendar(event(), event(ORGANIZER=":MAILTO:ANN@Example.org")))
    assert (summary.created, reasons(summary)) == (1, ["already imported"])


def test_what_was_cancelled_or_changed_since_stays_as_it_is() -> None:
    api = InMemoryEvents()
    apply(api, calendar(event()))
    api.change(ANN, "1@example.org", title="Else")
    assert reasons(apply(api, calendar(event())))[0].startswith("obsolete: a later revision")
    api.cancel(ANN, "1@example.org")
    assert reasons(apply(api, calendar(event("SEQUENCE:7")))) == ["obsolete: the event was cancelled"]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_nobody_is_uninvited_by_an_earlier_state_of_the_event(method: str) -> None:
    api = EditedEvents()
    one_file = revision(0, *attendees(BOB, EVE)) + revision(1, *attendees(EVE), method=method)
    assert reasons(apply(api, one_file)) == [decisions.LATER_SEQUENCE]
    assert sorted(api.get(ANN, UID)["participants"]) == [BOB, EVE]


def test_a_refused_event_is_skipped_with_the_reason_of_the_api() -> None:
    summary = apply(RefusingEvents(422), calendar(event()))
    assert reasons(summary) == ["refused: No. (status 422)"]
    assert summary.troubles == []


def test_a_failure_of_the_api_is_a_trouble_and_the_rest_goes_on() -> None:
    summary = apply(RefusingEvents(500), calendar(event(), event(UID=":2")))
    assert reasons(summary) == ["failed: No. (status 500)"] * 2
    assert len(summary.troubles) == 2


def test_a_conflict_that_does_not_end_is_given_up_with_its_reason() -> None:
    api = RefusingEvents(409)
    assert reasons(apply(api, calendar(event()))) == ["refused: No. (status 409)"]
    # Five rounds of a search and a creation.
    assert api.calls == 10


def test_a_text_that_the_api_would_refuse_elsewhere_is_refused_by_name() -> None:
    summary = apply(InMemoryEvents(), calendar(event(DTSTART=":21010301T100000Z")))
    assert [reason[:12] for reason in reasons(summary)] == ["refused: ('s"]


@pytest.mark.parametrize("uid", ["u" * 501, "u" * 100_000, "\x1b[31m", "\ufffe"])
def test_a_uid_that_the_api_does_not_take_is_replaced_by_the_same_one_each_time(uid: str) -> None:
    api = InMemoryEvents()
    reply = revision(0, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{BOB}", method="REPLY", UID=f":{uid}")
    summary = apply(api, revision(0, *attendees(BOB), UID=f":{uid}"), reply, revision(0, UID=f":{uid}"))
    assert (summary.created, summary.replied, reasons(summary)) == (1, 1, [decisions.ALREADY_IMPORTED])
    [note] = summary.notes
    assert note == "a UID that is too long or holds control characters was replaced"


def test_notes_are_counted_over_what_was_done() -> None:
    texts = [event(DTSTART=":20270301T100000", UID=f":{number}") for number in (1, 2, 2)]
    summary = apply(
        InMemoryEvents(), calendar(*texts, event("SEQUENCE:1", DTSTART=":20270302T100000", UID=":2"))
    )
    assert (summary.created, summary.updated) == (2, 1)
    assert summary.notes == {
        "times without a zone were taken for UTC": ['"Review" 1', '"Review" 2', '"Review" 2']
    }


def test_an_event_is_requested_once() -> None:
    api = InMemoryEvents()
    apply(api, calendar(*[event()] * 20, *[event(UID=":2")] * 20))
    assert api.calls == 2 * 2
