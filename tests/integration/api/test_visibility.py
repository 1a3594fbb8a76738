"""Names and addresses are shown to others under the rules of `convoke_api.people.visibility`."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, Query

Person = Callable[..., Client]


def shown_to(reader: Client, event: dict[str, Any]) -> set[tuple[str | None, str | None]]:
    """How each representation names the one participant: (email, name)."""
    path = f"/v1/events/{event['id']}"
    participants = [
        *reader.get(path).json["participants"],
        *reader.get(f"{path}/participants").json["items"],
        *(
            p
            for e in reader.get("/v1/events").json["items"]
            if e["id"] == event["id"]
            for p in e["participants"]
        ),
    ]
    assert len(participants) == 3
    shown = {(it["email"], it["full_name"]) for it in participants}
    file = reader.get(f"{path}/calendar.ics").text.replace("\r\n ", "")
    for email, name in shown:
        assert (f"mailto:{email}" in file) == (email is not None)
        assert (f"CN={name}" in file) == (name is not None)
    return shown


def respond(person: Client, event: dict[str, Any]) -> None:
    path = f"/v1/events/{event['id']}/participants/me"
    assert person.patch(path, {"response_status": "declined"}).status == 200


def test_a_response_to_one_event_shows_the_person_on_all_events_of_its_organizer(
    anna: Client, person: Person, event_body: dict[str, Any], domain: str
) -> None:
    boris = person("boris", email=f"BORIS@{domain}")
    by_id = anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json
    by_address = anna.post("/v1/events", {**event_body, "participant_emails": [f"Boris@{domain}"]}).json
    assert shown_to(anna, by_id) == {(None, None)}
    assert shown_to(anna, by_address) == shown_to(boris, by_address) == {(f"boris@{domain}", None)}

    respond(boris, by_id)

    for event in (by_id, by_address):
        assert shown_to(anna, event) == shown_to(boris, event) == {(f"BORIS@{domain}", "Boris")}
    later = anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]})
    (participant,) = later.json["participants"]
    assert (participant["email"], participant["full_name"]) == (f"BORIS@{domain}", "Boris")
    # The creation's response is the representation that is read.
    read = anna.get(f"/v1/events/{later.json['id']}")
    assert (read.text, read.headers["etag"]) == (later.text, later.headers["etag"])


def test_a_response_shows_the_person_to_no_other_organizer(
    anna: Client, person: Person, event_body: dict[str, Any]
) -> None:
    boris, carol = person("boris"), person("carol")
    respond(boris, anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json)

    event = carol.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json

    assert shown_to(carol, event) == {(None, None)}


def test_the_organizer_who_takes_part_is_shown(anna: Client, event_body: dict[str, Any]) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_ids": [anna.id]}).json

    assert shown_to(anna, event) == {(anna.email, "Anna")}
    assert event["participants"][0]["full_name"] == "Anna"


def test_an_erased_person_shows_nothing_at_once(
    anna: Client, person: Person, event_body: dict[str, Any], query: Query
) -> None:
    boris = person("boris")
    answered = anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json
    by_address = anna.post("/v1/events", {**event_body, "participant_emails": [boris.email]}).json
    respond(boris, answered)

    # Before anything else of an erasure has happened.
    query("UPDATE users SET erased_at = now() WHERE id = :id", id=boris.id)

    assert shown_to(anna, answered) == shown_to(anna, by_address) == {(None, None)}


@pytest.mark.parametrize("name", ["Mallory", ""])
def test_an_address_that_is_not_verified_is_shown_to_nobody_else(
    person: Person, event_body: dict[str, Any], notify: Callable[..., Any], domain: str, name: str
) -> None:
    mallory = person("mallory", email=f"director@{domain}", email_verified="false", name=name)
    boris = person("boris")
    created = mallory.post("/v1/events", {**event_body, "participant_ids": [boris.id]})
    event = created.json
    notify(boris.id, actor_id=mallory.id)

    seen = boris.get(f"/v1/events/{event['id']}")

    organizer = {"id": mallory.id, "full_name": name or None, "email": None}
    assert seen.json["organizer"] == event["organizer"] == organizer
    assert mallory.get("/v1/me").json["email"] == f"director@{domain}"
    inbox = boris.get("/v1/notifications")
    assert inbox.json["items"][0]["actor"] == {"id": mallory.id, "full_name": name or None}
    file = boris.get(f"/v1/events/{event['id']}/calendar.ics")
    assert not any("director" in response.text for response in (seen, inbox, file))


def test_a_participant_whose_address_is_no_longer_verified_shows_the_name_alone(
    anna: Client, person: Person, event_body: dict[str, Any]
) -> None:
    boris = person("boris", iat="100")
    event = anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json
    respond(boris, event)

    person("boris", iat="200", email_verified="false").get("/v1/me")

    assert shown_to(anna, event) == {(None, "Boris")}
