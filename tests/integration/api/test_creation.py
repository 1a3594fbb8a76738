"""POST /v1/events: what is stored and what comes back."""

from collections.abc import Callable
from typing import Any

from convoke_api.invocation import Handler
from integration.api.client import Client, Response, version_of


def test_a_created_event_comes_back_as_it_reads(anna: Client, event_body: dict[str, Any]) -> None:
    response = anna.post(
        "/v1/events",
        {**event_body, "description": "С ноутбуками", "location": "Переговорная 2", "sequence": 7},
    )

    assert response.status == 201
    event = response.json
    assert event == {
        "id": event["id"],
        "title": "Планёрка",
        "description": "С ноутбуками",
        "location": "Переговорная 2",
        "starts_at": "2030-03-01T07:00:00Z",
        "ends_at": "2030-03-01T07:30:00Z",
        "all_day": False,
        "time_zone": "Europe/Moscow",
        "uid": event["uid"],
        "sequence": 7,
        "status": "confirmed",
        "organizer": {"id": anna.id, "full_name": "Anna", "email": anna.email},
        "version": 1,
        "created_at": event["created_at"],
        "updated_at": event["created_at"],
        "reminder_minutes": [],
        "my_response_status": None,
        "participant_counts": {"total": 0, "needs_action": 0, "accepted": 0, "declined": 0, "tentative": 0},
        "participants": [],
    }
    assert response.headers["location"] == f"/v1/events/{event['id']}"
    assert version_of(response) == "1"
    read = anna.get(response.headers["location"])
    assert (read.status, read.json, read.headers["etag"]) == (200, event, response.headers["etag"])


def test_the_least_that_an_event_needs_is_a_title_and_its_times(
    anna: Client, event_body: dict[str, Any]
) -> None:
    least = {key: event_body[key] for key in ("title", "starts_at", "ends_at")}

    event = anna.post("/v1/events", least).json

    assert event["reminder_minutes"] == [15]
    assert event["time_zone"] == "UTC"
    assert (event["all_day"], event["sequence"], event["description"], event["location"]) == (
        False,
        0,
        None,
        None,
    )


def test_the_zone_is_the_callers_when_none_is_given(
    person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    del event_body["time_zone"]
    berliner = person("berta", zoneinfo="Europe/Berlin")

    assert berliner.post("/v1/events", event_body).json["time_zone"] == "Europe/Berlin"
    berliner.patch("/v1/me", {"time_zone": "Asia/Tokyo"})
    assert berliner.post("/v1/events", event_body).json["time_zone"] == "Asia/Tokyo"


def test_a_text_keeps_what_was_typed_but_for_its_line_ends(anna: Client, event_body: dict[str, Any]) -> None:
    typed = "  a\r\nb\rc\td 👩‍👩‍👧 \u200f\u202e ﷽ 𝔘 e\u0301 \u2028 "

    event = anna.post("/v1/events", {**event_body, "title": typed, "description": typed * 2}).json

    kept = typed.replace("\r\n", "\n").replace("\r", "\n")
    assert (event["title"], event["description"]) == (kept, kept * 2)
    assert anna.get(f"/v1/events/{event['id']}").json["title"] == kept


def test_lengths_count_as_the_text_is_stored(anna: Client, event_body: dict[str, Any]) -> None:
    longest = {"title": "\r\n" * 100 + "я" * 100, "description": "😀" * 5_000, "location": "ß" * 500}

    assert anna.post("/v1/events", {**event_body, **longest}).status == 201


def test_two_environments_see_each_others_events(
    anna: Client,
    event_body: dict[str, Any],
    together: Callable[..., list[Any]],
    make_person: Callable[..., Client],
) -> None:
    def create(handler: Handler) -> Response:
        return make_person(handler, "anna").post("/v1/events", event_body)

    ids = {response.json["id"] for response in together([create, create])}

    assert {event["id"] for event in anna.get("/v1/events").json["items"]} == ids
