"""POST /v1/events: the people whom a creation names, by id and by address."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from integration.api.client import Client, Query, Response, check_problem


def test_people_invited_by_id_show_nothing_of_themselves(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    boris = person("boris")

    event = anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json

    assert event["participants"] == [
        {
            "user_id": boris.id,
            "email": None,
            "full_name": None,
            "response_status": "needs_action",
        }
    ]
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"


def test_people_invited_by_address_stay_nameless_until_they_respond(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    boris_id = boris.id
    response = anna.post("/v1/events", {**event_body, "participant_emails": [boris.email.upper()]})
    event_id = response.json["id"]

    def names() -> list[Any]:
        event = anna.get(f"/v1/events/{event_id}").json
        page = anna.get(f"/v1/events/{event_id}/participants").json
        listed = anna.get("/v1/events").json["items"][0]
        return [it["participants"][0]["full_name"] for it in (event, {"participants": page["items"]}, listed)]

    (participant,) = response.json["participants"]
    assert participant == {
        "user_id": boris_id,
        "email": boris.email,
        "full_name": None,
        "response_status": "needs_action",
    }
    assert names() == [None, None, None]
    boris.patch(f"/v1/events/{event_id}/participants/me", {"response_status": "accepted"})
    assert names() == ["Boris", "Boris", "Boris"]


def test_an_unknown_address_becomes_somebody_who_has_not_signed_in(
    anna: Client, event_body: dict[str, Any], domain: str, query: Query
) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_emails": [f"New.Person@{domain}"]}).json

    (user,) = query("SELECT * FROM users WHERE email_key = :key", key=f"new.person@{domain}")
    assert event["participants"] == [
        {
            "user_id": str(user["id"]),
            "email": f"new.person@{domain}",
            "full_name": None,
            "response_status": "needs_action",
        }
    ]
    assert (user["subject_hash"], user["full_name"]) == (None, None)


def test_known_and_unknown_addresses_cannot_be_told_apart(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], domain: str
) -> None:
    known = person("boris")
    known.get("/v1/me")

    responses = [
        anna.post("/v1/events", {**event_body, "participant_emails": [address]})
        for address in (known.email, f"nobody@{domain}")
    ]

    def shape(response: Response) -> tuple[int, list[str], dict[str, Any], list[dict[str, Any]]]:
        event = response.json
        hidden = [{**it, "user_id": None, "email": None} for it in event["participants"]]
        return response.status, sorted(response.headers), event["participant_counts"], hidden

    assert shape(responses[0]) == shape(responses[1])


def test_somebody_named_by_id_and_by_address_counts_once_and_is_notified_once(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    named = {"participant_ids": [boris.id], "participant_emails": [boris.email.title()]}

    event = anna.post("/v1/events", {**event_body, **named}).json

    assert event["participant_counts"]["total"] == 1
    # By id: the address that names the same person must not show that it does.
    assert [(it["email"], it["full_name"]) for it in event["participants"]] == [(None, None)]
    (row,) = query("SELECT recipient_ids FROM outbox WHERE event_id = :id", id=event["id"])
    assert row["recipient_ids"] == [UUID(boris.id)]


def test_a_caller_who_takes_part_is_counted_and_not_told(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    named = {"participant_ids": [anna.id, boris.id], "participant_emails": [anna.email]}

    event = anna.post("/v1/events", {**event_body, **named}).json

    assert event["my_response_status"] == "needs_action"
    assert event["participant_counts"]["total"] == 2
    (row,) = query("SELECT recipient_ids FROM outbox WHERE event_id = :id", id=event["id"])
    assert row["recipient_ids"] == [UUID(boris.id)]


def test_an_event_with_oneself_owes_nobody_anything(
    anna: Client, event_body: dict[str, Any], query: Query
) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_ids": [anna.id]}).json

    assert event["participant_counts"]["total"] == 1
    assert query("SELECT 1 FROM outbox WHERE event_id = :id", id=event["id"]) == []


def test_the_first_hundred_participants_come_with_the_event(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]]
) -> None:
    ids = make_users(101)

    event = anna.post("/v1/events", {**event_body, "participant_ids": ids[::-1]}).json

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
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    (erased,) = make_users(1)
    query("UPDATE users SET erased_at = now() WHERE id = :id", id=erased)

    response = anna.post("/v1/events", {**event_body, "participant_ids": [erased]})

    assert [it["pointer"] for it in check_problem(response, 422)["errors"]] == ["/participant_ids/0"]


def test_every_unknown_id_is_named_by_its_place(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    known = make_users(2)
    unknown = [str(UUID(int=n)) for n in (1, 2)]

    response = anna.post(
        "/v1/events", {**event_body, "participant_ids": [unknown[0], known[0], known[1], unknown[1]]}
    )

    problem = check_problem(response, 422)
    assert [it["pointer"] for it in problem["errors"]] == ["/participant_ids/0", "/participant_ids/3"]
    assert query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id) == []
