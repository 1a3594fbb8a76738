"""Updates, cancellations and replies through the real API: races, order, and long guest lists."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from convoke_importer import decisions
from integration.importer.scene import Scene
from unit.importer.calendar_text import ANN, BOB, DAN, EVE, UID, attendees, revision


def read_state(scene: Scene) -> tuple[str, int, str, dict[str, str]]:
    found = scene.read_event(ANN, UID)
    responses = {person["email"]: person["response_status"] for person in found["participants"]}
    return found["title"], found["sequence"], found["status"], responses


def read_types(scene: Scene, person: str) -> list[str]:
    return [item["type"] for item in scene.read_inbox(person)]


def reply(partstat: str, *, email: str = BOB, stamp: int = 1) -> str:
    return revision(0, f"ATTENDEE;PARTSTAT={partstat}:mailto:{email}", stamp=stamp, method="REPLY")


REQUEST = revision(0, *attendees(BOB, EVE))
UPDATE = revision(1, *attendees(EVE, DAN), stamp=2, SUMMARY=":Later")


def test_staying_removed_and_added_people_are_notified_of_just_that(scene: Scene) -> None:
    summary = scene.import_text(REQUEST, reply("ACCEPTED", email=EVE), UPDATE)
    assert (summary["created"], summary["replied"], summary["updated"]) == (1, 1, 1)
    assert read_state(scene) == ("Later", 1, "confirmed", {EVE: "accepted", DAN: "needs_action"})
    assert read_types(scene, BOB) == ["event_invited", "participant_removed"]
    assert read_types(scene, EVE) == ["event_invited", "event_updated"]
    (invitation,) = scene.read_inbox(DAN)
    assert invitation["message"].startswith("Вас пригласили на встречу «Later»")
    assert read_types(scene, ANN) == ["participant_responded"]


def test_uninviting_one_notifies_that_one_and_leaves_the_event(scene: Scene) -> None:
    cancel = revision(1, *attendees(BOB), stamp=2, method="CANCEL")
    summary = scene.import_text(REQUEST, cancel)
    assert (summary["updated"], summary["cancelled"]) == (1, 0)
    assert read_state(scene) == ("Review", 0, "confirmed", {EVE: "needs_action"})
    assert read_types(scene, BOB) == ["event_invited", "participant_removed"]
    assert read_types(scene, EVE) == ["event_invited"]
    before = scene.read_everything()
    again = scene.import_text(REQUEST, cancel)
    assert [skip["reason"] for skip in again["skipped"]] == [decisions.ALREADY_IMPORTED] * 2
    assert scene.read_everything() == before


@pytest.mark.parametrize(
    ("order", "replied", "response"),
    [([REQUEST, reply("ACCEPTED")], 1, "accepted"), ([reply("ACCEPTED"), REQUEST], 0, "needs_action")],
)
def test_files_are_applied_in_the_order_given(
    scene: Scene, order: list[str], replied: int, response: str
) -> None:
    assert scene.import_text(*order)["replied"] == replied
    assert read_state(scene)[3][BOB] == response
    # A reply that was imported too early is not lost: it counts when it is imported again.
    assert scene.import_text(*order)["replied"] == 1 - replied
    assert read_state(scene)[3][BOB] == "accepted"


def test_a_reply_applied_before_is_skipped_whatever_the_response_since(scene: Scene) -> None:
    scene.import_text(REQUEST, reply("ACCEPTED"), reply("DECLINED", stamp=2))
    scene.request(
        BOB,
        "PATCH",
        f"/v1/events/{scene.read_event(BOB, UID)['id']}/participants/me",
        {"response_status": "tentative"},
    )
    scene.deliver()
    before = scene.read_everything()
    assert scene.import_text(reply("DECLINED", stamp=2), reply("ACCEPTED"))["replied"] == 0
    assert read_state(scene)[3][BOB] == "tentative"
    assert scene.read_everything() == before


def test_a_guest_list_of_many_pages_is_read_to_its_end(scene: Scene) -> None:
    people = [f"guest-{number}@example.org" for number in range(250)]
    scene.import_text(revision(0, *attendees(*people)))
    later = revision(1, *attendees(*people[1:], BOB), stamp=2)
    assert scene.import_text(later)["updated"] == 1
    assert read_types(scene, people[0]) == ["event_invited", "participant_removed"]
    # No visible field has changed for the others.
    assert read_types(scene, people[249]) == ["event_invited"]
    assert read_types(scene, BOB) == ["event_invited"]
    assert scene.read_event(ANN, UID)["participant_counts"]["total"] == 250


class Meddling(httpx.BaseTransport):
    """Change the event just before the first request with a method reaches the API."""

    def __init__(self, inner: httpx.BaseTransport, method: str) -> None:
        self._inner = inner
        self._method = method
        self.scene: Scene | None = None
        self.changes: tuple[str, Mapping[str, Any] | None] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.changes and self.scene and request.method == self._method:
            (method, body), self.changes = self.changes, None
            event = self.scene.read_event(ANN, UID)
            self.scene.request(ANN, method, f"/v1/events/{event['id']}", body)
        return self._inner.handle_request(request)


def meddle(scene: Scene, at: str, method: str, body: Mapping[str, Any] | None = None) -> None:
    transport = Meddling(scene.transport, at)
    transport.scene, transport.changes = scene, (method, body)
    scene.transport = transport


@pytest.mark.parametrize("sequence", [1, 7])
def test_a_change_of_the_organizer_during_an_update_is_weighed_anew(scene: Scene, sequence: int) -> None:
    scene.import_text(REQUEST)
    meddle(scene, "PATCH", "PATCH", {"title": "Mine", "sequence": 5})
    summary = scene.import_text(revision(sequence, *attendees(BOB, EVE), stamp=2, SUMMARY=":Later"))
    is_later = sequence > 5
    assert summary["updated"] == int(is_later)
    assert [skip["reason"] for skip in summary["skipped"]] == ([] if is_later else [decisions.LATER_SEQUENCE])
    assert read_state(scene)[:2] == (("Later", 7) if is_later else ("Mine", 5))


def test_a_change_of_the_organizer_during_a_cancellation_is_weighed_anew(scene: Scene) -> None:
    scene.import_text(REQUEST)
    meddle(scene, "DELETE", "PATCH", {"title": "Mine", "sequence": 5})
    summary = scene.import_text(revision(1, "STATUS:CANCELLED", method="CANCEL"))
    assert [skip["reason"] for skip in summary["skipped"]] == [decisions.LATER_SEQUENCE]
    assert read_state(scene)[:3] == ("Mine", 5, "confirmed")


@pytest.mark.parametrize("later", [UPDATE, reply("ACCEPTED")])
def test_a_cancellation_of_the_organizer_comes_before_what_is_under_way(scene: Scene, later: str) -> None:
    scene.import_text(revision(0, *attendees(EVE, BOB)))
    meddle(scene, "PATCH", "DELETE")
    summary = scene.import_text(later)
    assert [skip["reason"] for skip in summary["skipped"]] == [decisions.CANCELLED]
    assert read_state(scene)[:3] == ("Review", 1, "cancelled")


class Breaking(httpx.BaseTransport):
    """Interrupt the import at the change of that number, before or `after` it is applied."""

    def __init__(self, inner: httpx.BaseTransport, number: int, *, after: bool) -> None:
        self._inner = inner
        self._left = number
        self._after = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return self._inner.handle_request(request)
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KeyboardInterrupt
        response = self._inner.handle_request(request)
        if self._left == 0:
            raise KeyboardInterrupt
        return response


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_update_that_was_interrupted_is_finished_by_the_next_import(
    scene: Scene, tmp_path: Path, number: int, after: bool
) -> None:
    # Three requests: Bob goes, the title changes, Dan comes.
    scene.import_text(REQUEST)
    path = tmp_path / "later.ics"
    path.write_text(UPDATE)
    whole, scene.transport = scene.transport, Breaking(scene.transport, number, after=after)
    with pytest.raises(AssertionError, match="interrupted"):
        scene.import_files(path)
    scene.transport = whole
    scene.import_files(path)
    assert read_state(scene) == ("Later", 1, "confirmed", {EVE: "needs_action", DAN: "needs_action"})
    assert read_types(scene, BOB) == ["event_invited", "participant_removed"]
    assert read_types(scene, EVE) == ["event_invited", "event_updated"]
    assert read_types(scene, DAN) == ["event_invited"]
    before = scene.read_everything()
    assert scene.import_files(path)["updated"] == 0
    assert scene.read_everything() == before
