"""Carrying plans out: each event once, and everything accounted for."""

from collections.abc import Mapping
from typing import Any

from convoke_local.importing.client import Refused
from convoke_local.importing.execution import EventApi, apply_plans
from convoke_local.importing.people import Person
from convoke_local.importing.report import Summary
from unit.importing.calendar_text import ANN, calendar, event, plan_all
from unit.importing.in_memory_events import InMemoryEvents


class RefusingEvents(InMemoryEvents):
    """Refuses every creation with one status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Refused:
        return Refused(self._status, "No.")


def run(api: EventApi, *texts: str) -> Summary:
    summary = Summary()
    for text in texts:
        apply_plans(plan_all(text), api, summary)
    return summary


def reasons(summary: Summary) -> list[str]:
    return [skip.reason for skip in summary.skipped]


def test_an_event_is_created_once_however_often_it_comes() -> None:
    api = InMemoryEvents()
    summary = run(api, calendar(event(), event()), calendar(event()))
    assert summary.created == 1
    assert reasons(summary) == ["already imported"] * 2


def test_revisions_are_taken_in_the_order_of_the_file() -> None:
    api = InMemoryEvents()
    summary = run(api, calendar(event("SEQUENCE:1"), event("SEQUENCE:2"), event("SEQUENCE:0")))
    assert summary.created == 1
    assert [reason.partition(":")[0] for reason in reasons(summary)] == ["not yet supported", "obsolete"]


def test_one_uid_of_two_organizers_is_two_events() -> None:
    summary = run(InMemoryEvents(), calendar(event(), event(ORGANIZER=":mailto:bob@example.org")))
    assert summary.created == 2


def test_spellings_of_one_organizer_are_one_person() -> None:
    summary = run(InMemoryEvents(), calendar(event(), event(ORGANIZER=":MAILTO:ANN@Example.org")))
    assert (summary.created, reasons(summary)) == (1, ["already imported"])


def test_what_was_cancelled_or_changed_since_stays_as_it_is() -> None:
    api = InMemoryEvents()
    run(api, calendar(event()))
    api.change(ANN, "1@example.org", title="Else", sequence=1)
    assert reasons(run(api, calendar(event())))[0].startswith("obsolete: a later revision")
    api.cancel(ANN, "1@example.org")
    assert reasons(run(api, calendar(event()))) == ["obsolete: the event was cancelled"]


def test_a_refused_event_is_skipped_with_the_reason_of_the_api() -> None:
    summary = run(RefusingEvents(422), calendar(event()))
    assert reasons(summary) == ["refused: No. (status 422)"]
    assert summary.troubles == []


def test_an_event_imported_by_somebody_else_in_the_meantime_is_known() -> None:
    assert reasons(run(RefusingEvents(409), calendar(event()))) == ["already imported"]


def test_a_failure_of_the_api_is_a_trouble_and_the_rest_goes_on() -> None:
    summary = run(RefusingEvents(500), calendar(event(), event(UID=":2")))
    assert reasons(summary) == ["failed: No. (status 500)"] * 2
    assert len(summary.troubles) == 2


def test_a_text_that_the_api_would_refuse_elsewhere_is_refused_by_name() -> None:
    summary = run(InMemoryEvents(), calendar(event(UID=":" + "u" * 501), event(DTSTART=":21010301T100000Z")))
    assert [reason[:12] for reason in reasons(summary)] == ["refused: ('u", "refused: ('s"]


def test_notes_are_counted_over_the_created_events() -> None:
    texts = [event(DTSTART=":20270301T100000", UID=f":{number}") for number in (1, 2, 2)]
    summary = run(InMemoryEvents(), calendar(*texts))
    assert summary.notes == {"times without a zone were taken for UTC": 2}
