"""Files written after public bug reports, with their intended meaning.

They stand beside the checkout; the right column of their README.md is what is asserted here.
"""

from pathlib import Path
from typing import Any

import pytest
from convoke_importer.command import plan_files
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.report import Summary
from unit.importer.in_memory_events import InMemoryEvents

REPORTS = Path(__file__).parents[4] / "shared" / "data" / "reports"

pytestmark = pytest.mark.skipif(not REPORTS.is_dir(), reason="the reports are not beside the checkout")

#: The organizers' zone.
ZONE = "Asia/Yekaterinburg"


def run(*names: str) -> tuple[InMemoryEvents, Summary]:
    """Import the files of these names."""
    api, summary = InMemoryEvents(time_zone=ZONE), Summary()
    plans = plan_files([REPORTS / f"{name}.ics" for name in names], summary, None, api.find_time_zone)
    with Ledger(":memory:") as ledger:
        apply_plans(plans, api, ledger, summary)
    assert not summary.troubles
    assert not summary.skipped
    return api, summary


def read(name: str) -> tuple[dict[str, Any], str, list[str]]:
    """Return the one request for a file, its organizer, and the notes."""
    api, summary = run(name)
    [(organizer, request)] = api.created
    return dict(request), organizer, list(summary.notes)


def test_lines_folded_within_a_character_are_joined_before_they_are_decoded() -> None:
    request, _, notes = read("i01-fold-splits-utf8")
    assert request["title"] == "Встреча по планам на квартал с коллегами из Екатеринбурга"
    assert "\ufffd" not in request["description"]
    assert request["location"] == "Переговорная «Ёлка» на третьем этаже налево от лифта"
    assert notes == []


def test_windows_1251_is_read_and_noted() -> None:
    request, _, [note] = read("i02a-windows-1251")
    assert request["title"] == "Встреча отдела"
    assert note == "its text is not UTF-8 and was read as windows-1251: --encoding names another"


def test_addresses_are_percent_decoded() -> None:
    request, _, notes = read("i03a-mailto-percent-plus")
    assert (request["participant_emails"], notes) == (["anna+cal.i03a@example.org"], [])
    assert read("i03c-mailto-percent-organizer")[1] == "boss+team.i03c@example.org"


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("i04-vtimezone-no-offsetfrom", "2032-06-01T02:00:00+00:00"),
        ("i06a-offset-tzid", "2032-06-01T11:00:00+00:00"),
        ("i33-floating", "2032-06-01T07:00:00+00:00"),
        ("i46b-clock-change", "2032-03-28T01:30:00+00:00"),
    ],
)
def test_times_are_those_that_are_meant(name: str, start: str) -> None:
    assert read(name)[0]["starts_at"] == start


@pytest.mark.parametrize(
    ("name", "zone", "first", "last"),
    [
        ("i14-date-with-time", ZONE, "2032-12-21T19:00:00+00:00", "2032-12-31T19:00:00+00:00"),
        ("i16a-all-day-duration", ZONE, "2032-08-11T19:00:00+00:00", "2032-08-12T19:00:00+00:00"),
        ("i31-cdo-all-day", "Europe/Berlin", "2032-05-31T22:00:00+00:00", "2032-06-01T22:00:00+00:00"),
    ],
)
def test_days_are_days(name: str, zone: str, first: str, last: str) -> None:
    request = read(name)[0]
    assert request["all_day"]
    assert (request["time_zone"], request["starts_at"], request["ends_at"]) == (zone, first, last)


def test_quotation_marks_within_a_name_do_not_lose_the_event() -> None:
    request, _, [note] = read("i22b-quotes-within-name")
    assert request["participant_emails"] == ["anna.i22b@example.org", "petr.i22b@example.org"]
    assert note.startswith("a badly written parameter of ATTENDEE mailto:anna.i22b@example.org")


def test_an_empty_parameter_is_as_if_not_there() -> None:
    request, _, notes = read("i32a-trailing-semicolon")
    assert (request["participant_emails"], request["description"]) == (["anna.i32a@example.org"], "Vorlesung")
    assert notes == []


def test_a_reply_without_organizer_is_for_the_one_event_of_its_uid() -> None:
    api, summary = run("i24a-asked", "i24b-reply-without-organizer")
    assert summary.replied == 1
    assert api.get("boss.i24@example.org", "i24@reports.example.org")["participants"] == {
        "anna.i24@example.org": "accepted"
    }
    assert api.notified[-1] == ("boss.i24@example.org", "participant_responded")


def test_a_past_event_comes_in() -> None:
    api, _ = run("i29-past")
    assert list(api.get("boss.i29@example.org", "i29@reports.example.org")["participants"]) == [
        "anna.i29@example.org"
    ]
    assert api.notified == []
