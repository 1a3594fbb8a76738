"""POST /v1/events: what is stored and what comes back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from convoke_api.invocation import Handler
from integration.api.client import Answer, Client, Query, check_problem


def test_a_created_event_comes_back_as_it_reads(anna: Client, meeting: dict[str, Any]) -> None:
    answer = anna.post(
        "/v1/events", {**meeting, "description": "С ноутбуками", "location": "Переговорная 2", "sequence": 7}
    )

    assert answer.status == 201
    event = answer.json
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
    assert answer.headers["location"] == f"/v1/events/{event['id']}"
    assert answer.headers["etag"] == '"1.1"'
    read = anna.get(answer.headers["location"])
    assert (read.status, read.json, read.headers["etag"]) == (200, event, '"1.1"')


def test_the_least_that_an_event_needs_is_a_title_and_its_times(
    anna: Client, meeting: dict[str, Any]
) -> None:
    least = {key: meeting[key] for key in ("title", "starts_at", "ends_at")}

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
    person: Callable[..., Client], meeting: dict[str, Any]
) -> None:
    del meeting["time_zone"]
    berliner = person("berta", zoneinfo="Europe/Berlin")

    assert berliner.post("/v1/events", meeting).json["time_zone"] == "Europe/Berlin"
    berliner.patch("/v1/me", {"time_zone": "Asia/Tokyo"})
    assert berliner.post("/v1/events", meeting).json["time_zone"] == "Asia/Tokyo"


def test_people_invited_by_id_are_named(
    anna: Client, person: Callable[..., Client], meeting: dict[str, Any]
) -> None:
    boris = person("boris")

    event = anna.post("/v1/events", {**meeting, "participant_ids": [boris.id]}).json

    assert event["participants"] == [
        {
            "user_id": boris.id,
            "email": boris.email,
            "full_name": "Boris",
            "response_status": "needs_action",
        }
    ]
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"


def test_people_invited_by_address_stay_nameless_until_they_answer(
    anna: Client, person: Callable[..., Client], meeting: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    boris_id = boris.id
    answer = anna.post("/v1/events", {**meeting, "participant_emails": [boris.email.upper()]})
    event_id = answer.json["id"]

    def names() -> list[Any]:
        event = anna.get(f"/v1/events/{event_id}").json
        page = anna.get(f"/v1/events/{event_id}/participants").json
        listed = anna.get("/v1/events").json["items"][0]
        return [it["participants"][0]["full_name"] for it in (event, {"participants": page["items"]}, listed)]

    (participant,) = answer.json["participants"]
    assert participant == {
        "user_id": boris_id,
        "email": boris.email,
        "full_name": None,
        "response_status": "needs_action",
    }
    assert names() == [None, None, None]
    query("UPDATE event_participants SET responded_at = now() WHERE event_id = :id", id=event_id)
    assert names() == ["Boris", "Boris", "Boris"]


def test_an_unknown_address_becomes_somebody_who_has_not_signed_in(
    anna: Client, meeting: dict[str, Any], domain: str, query: Query
) -> None:
    event = anna.post("/v1/events", {**meeting, "participant_emails": [f"New.Person@{domain}"]}).json

    (user,) = query("SELECT * FROM users WHERE email_key = :key", key=f"new.person@{domain}")
    assert event["participants"] == [
        {
            "user_id": str(user["id"]),
            "email": f"New.Person@{domain}",
            "full_name": None,
            "response_status": "needs_action",
        }
    ]
    assert (user["subject_hash"], user["full_name"]) == (None, None)


def test_known_and_unknown_addresses_cannot_be_told_apart(
    anna: Client, person: Callable[..., Client], meeting: dict[str, Any], domain: str
) -> None:
    known = person("boris")
    known.get("/v1/me")

    answers = [
        anna.post("/v1/events", {**meeting, "participant_emails": [address]})
        for address in (known.email, f"nobody@{domain}")
    ]

    def shape(answer: Answer) -> tuple[int, list[str], dict[str, Any], list[dict[str, Any]]]:
        event = answer.json
        hidden = [{**it, "user_id": None, "email": None} for it in event["participants"]]
        return answer.status, sorted(answer.headers), event["participant_counts"], hidden

    assert shape(answers[0]) == shape(answers[1])


def test_somebody_named_by_id_and_by_address_counts_once_and_is_told_once(
    anna: Client, person: Callable[..., Client], meeting: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    named = {"participant_ids": [boris.id], "participant_emails": [boris.email.title()]}

    event = anna.post("/v1/events", {**meeting, **named}).json

    assert event["participant_counts"]["total"] == 1
    assert [it["full_name"] for it in event["participants"]] == ["Boris"]
    (row,) = query("SELECT recipient_ids FROM outbox WHERE event_id = :id", id=event["id"])
    assert row["recipient_ids"] == [UUID(boris.id)]


def test_a_caller_who_takes_part_is_counted_and_not_told(
    anna: Client, person: Callable[..., Client], meeting: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    named = {"participant_ids": [anna.id, boris.id], "participant_emails": [anna.email]}

    event = anna.post("/v1/events", {**meeting, **named}).json

    assert event["my_response_status"] == "needs_action"
    assert event["participant_counts"]["total"] == 2
    (row,) = query("SELECT recipient_ids FROM outbox WHERE event_id = :id", id=event["id"])
    assert row["recipient_ids"] == [UUID(boris.id)]


def test_a_meeting_with_oneself_owes_nobody_anything(
    anna: Client, meeting: dict[str, Any], query: Query
) -> None:
    event = anna.post("/v1/events", {**meeting, "participant_ids": [anna.id]}).json

    assert event["participant_counts"]["total"] == 1
    assert query("SELECT 1 FROM outbox WHERE event_id = :id", id=event["id"]) == []


def test_the_first_hundred_participants_come_with_the_event(
    anna: Client, meeting: dict[str, Any], make_users: Callable[[int], list[str]]
) -> None:
    ids = make_users(101)

    event = anna.post("/v1/events", {**meeting, "participant_ids": ids[::-1]}).json

    assert event["participant_counts"] == {
        "total": 101,
        "needs_action": 101,
        "accepted": 0,
        "declined": 0,
        "tentative": 0,
    }
    assert [it["user_id"] for it in event["participants"]] == ids[:100]
    assert anna.get(f"/v1/events/{event['id']}").json == event


def test_somebody_erased_cannot_be_invited(
    anna: Client, meeting: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    (erased,) = make_users(1)
    query("UPDATE users SET erased_at = now() WHERE id = :id", id=erased)

    answer = anna.post("/v1/events", {**meeting, "participant_ids": [erased]})

    assert [it["pointer"] for it in check_problem(answer, 422)["errors"]] == ["/participant_ids/0"]


def test_every_unknown_id_is_named_by_its_place(
    anna: Client, meeting: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    known = make_users(2)
    unknown = [str(UUID(int=n)) for n in (1, 2)]

    answer = anna.post(
        "/v1/events", {**meeting, "participant_ids": [unknown[0], known[0], known[1], unknown[1]]}
    )

    problem = check_problem(answer, 422)
    assert [it["pointer"] for it in problem["errors"]] == ["/participant_ids/0", "/participant_ids/3"]
    assert query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id) == []


def test_a_text_keeps_what_was_typed_but_for_its_line_ends(anna: Client, meeting: dict[str, Any]) -> None:
    typed = "  a\r\nb\rc\td 👩‍👩‍👧 \u200f\u202e ﷽ 𝔘 e\u0301 \u2028 "

    event = anna.post("/v1/events", {**meeting, "title": typed, "description": typed * 2}).json

    kept = typed.replace("\r\n", "\n").replace("\r", "\n")
    assert (event["title"], event["description"]) == (kept, kept * 2)
    assert anna.get(f"/v1/events/{event['id']}").json["title"] == kept


def test_lengths_count_as_the_text_is_stored(anna: Client, meeting: dict[str, Any]) -> None:
    longest = {"title": "\r\n" * 100 + "я" * 100, "description": "😀" * 5_000, "location": "ß" * 500}

    assert anna.post("/v1/events", {**meeting, **longest}).status == 201


def test_two_environments_see_each_others_events(
    anna: Client,
    meeting: dict[str, Any],
    together: Callable[..., list[Any]],
    make_person: Callable[..., Client],
) -> None:
    def create(handler: Handler) -> Answer:
        return make_person(handler, "anna").post("/v1/events", meeting)

    ids = {answer.json["id"] for answer in together([create, create])}

    assert {event["id"] for event in anna.get("/v1/events").json["items"]} == ids
