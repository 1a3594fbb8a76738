"""The final state after files written after public bug reports, through the real API."""

from pathlib import Path
from typing import Any

import pytest
from integration.importer.scene import Scene
from integration.worker.stage import query

REPORTS = Path(__file__).parents[4] / "shared" / "data" / "reports"

pytestmark = pytest.mark.skipif(not REPORTS.is_dir(), reason="the reports are not beside the checkout")


def read(scene: Scene, number: str) -> dict[str, Any]:
    """The event of the file of that number, as its organizer sees it."""
    return dict(scene.read_event(f"boss.{number}@example.org", f"{number}@reports.example.org"))


def import_file(scene: Scene, name: str) -> dict[str, Any]:
    (path,) = REPORTS.glob(f"{name}-*.ics")
    summary = scene.import_files(path)
    assert (summary["created"], summary["skipped"]) == (1, [])
    return read(scene, name)


def list_attendees(event: dict[str, Any]) -> list[str]:
    return sorted(person["email"] for person in event["participants"])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("i01", "Встреча по планам на квартал с коллегами из Екатеринбурга"),
        ("i02a", "Встреча отдела"),
    ],
)
def test_titles_are_whole(scene: Scene, name: str, title: str) -> None:
    event = import_file(scene, name)
    assert event["title"] == title
    [invitation] = scene.read_inbox(f"anna.{name}@example.org")
    assert f"«{title}»" in invitation["message"]


@pytest.mark.parametrize(
    ("name", "attendees"),
    [
        ("i03a", ["anna+cal.i03a@example.org"]),
        ("i22b", ["anna.i22b@example.org", "petr.i22b@example.org"]),
        ("i32a", ["anna.i32a@example.org"]),
    ],
)
def test_those_who_are_meant_are_invited(scene: Scene, name: str, attendees: list[str]) -> None:
    assert list_attendees(import_file(scene, name)) == attendees


def test_the_organizer_s_address_is_percent_decoded(scene: Scene) -> None:
    scene.import_files(REPORTS / "i03c-mailto-percent-organizer.ics")
    event = scene.read_event("boss+team.i03c@example.org", "i03c@reports.example.org")
    assert event["organizer"]["email"] == "boss+team.i03c@example.org"


@pytest.mark.parametrize(
    ("name", "start", "end", "all_day"),
    [
        ("i04", "2032-06-01T02:00:00Z", "2032-06-01T03:00:00Z", False),
        ("i06a", "2032-06-01T11:00:00Z", "2032-06-01T12:00:00Z", False),
        ("i14", "2032-12-21T15:00:00Z", "2032-12-31T15:00:00Z", True),
        ("i16a", "2032-08-11T15:00:00Z", "2032-08-12T15:00:00Z", True),
        ("i31", "2032-05-31T22:00:00Z", "2032-06-01T22:00:00Z", True),
        ("i33", "2032-06-01T03:00:00Z", "2032-06-01T04:00:00Z", False),
        ("i46b", "2032-03-28T01:30:00Z", "2032-03-28T01:30:00Z", False),
    ],
)
def test_times_are_those_that_are_meant(scene: Scene, name: str, start: str, end: str, all_day: bool) -> None:
    # Whose zone is not that of the file, of the server or of a summer.
    scene.request(f"boss.{name}@example.org", "PATCH", "/v1/me", {"time_zone": "Asia/Tokyo"})
    event = import_file(scene, name)
    assert (event["starts_at"], event["ends_at"], event["all_day"]) == (start, end, all_day)


def test_a_reply_without_organizer_counts(scene: Scene) -> None:
    scene.import_files(REPORTS / "i24a-asked.ics")
    summary = scene.import_files(REPORTS / "i24b-reply-without-organizer.ics")
    assert (summary["replied"], summary["skipped"]) == (1, [])
    assert read(scene, "i24")["my_response_status"] is None
    assert [person["response_status"] for person in read(scene, "i24")["participants"]] == ["accepted"]
    assert [item["type"] for item in scene.read_inbox("boss.i24@example.org")] == ["participant_responded"]


def test_a_past_event_is_imported_and_nobody_is_invited_reminded_or_notified(
    scene: Scene,
) -> None:
    event = import_file(scene, "i29")
    assert (event["starts_at"], list_attendees(event)) == ("2015-06-01T09:00:00Z", ["anna.i29@example.org"])
    past = (REPORTS / "i29-past.ics").read_text()
    changed = past.replace("SEQUENCE:0", "SEQUENCE:1").replace("SUMMARY:Report", "SUMMARY:Else")
    reply = past.replace("//EN", "//EN\nMETHOD:REPLY").replace("ATTENDEE:", "ATTENDEE;PARTSTAT=ACCEPTED:")
    cancelled = past.replace("SEQUENCE:0", "SEQUENCE:2\nSTATUS:CANCELLED")
    summary = scene.import_text(changed, reply, cancelled)
    assert [summary[name] for name in ("updated", "replied", "cancelled")] == [1, 1, 1]
    assert (read(scene, "i29")["title"], read(scene, "i29")["status"]) == ("Else", "cancelled")
    assert query(scene.engine, "SELECT type FROM outbox") == []
    assert scene.read_inbox("anna.i29@example.org") == []
