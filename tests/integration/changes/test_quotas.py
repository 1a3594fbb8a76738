"""Hourly quotas of acts that notify others, and all quotas exactly, whatever runs at the same time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client, Response, check_problem
from integration.changes.world import EVENT_BODY, World

WRITERS = 16


def limit(world: World, monkeypatch: pytest.MonkeyPatch, **quotas: int) -> Callable[[Client], Client]:
    """Gives people the same API with other quotas; races have them too."""
    monkeypatch.setattr(world, "settings", replace(world.settings, **quotas))
    handler = world.make_api()
    return lambda person: Client(handler, person.claims)


def usage(world: World, person: Client) -> tuple[int, int]:
    """The waves and the notifications that the person was charged for."""
    rows = world.query("SELECT waves, notifications FROM quota_usage WHERE user_id = :id", id=person.id)
    return (rows[0]["waves"], rows[0]["notifications"]) if rows else (0, 0)


def snapshot(world: World, event: dict[str, Any]) -> list[Any]:
    """All that an act could change."""
    tables = (("events", "id"), ("event_participants", "event_id"), ("outbox", "event_id"))
    return [
        world.query(f"SELECT to_jsonb(it) FROM {table} AS it WHERE {column} = :id ORDER BY 1", id=event["id"])
        for table, column in tables
    ]


def check_refused(response: Response, *, longest: int = 3_600) -> None:
    check_problem(response, 429)
    assert 1 <= int(response.headers["retry-after"]) <= longest


#: Each act that notifies others: who does it, and how. The event has the guests boris and carol.
ACTS: dict[str, Callable[[Client, Client, str, World], Response]] = {
    "create": lambda anna, boris, path, world: anna.post(
        "/v1/events", {**EVENT_BODY, "participant_ids": [boris.id]}
    ),
    "update": lambda anna, boris, path, world: anna.patch(path, {"title": "Another"}),
    "invite": lambda anna, boris, path, world: anna.post(
        f"{path}/participants", {"participant_emails": [f"new@{world.domain}"]}
    ),
    "remove": lambda anna, boris, path, world: anna.delete(f"{path}/participants/{boris.id}"),
    "respond": lambda anna, boris, path, world: boris.patch(
        f"{path}/participants/me", {"response_status": "accepted"}
    ),
    "leave": lambda anna, boris, path, world: boris.delete(f"{path}/participants/me"),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_beyond_the_quota_of_waves_is_refused_and_changes_nothing(
    world: World, anna: Client, boris: Client, carol: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    event = world.plan(anna, boris, carol)
    actor = boris if act in ("respond", "leave") else anna
    used = usage(world, actor)
    allow = limit(world, monkeypatch, wave_quota=used[0])
    before, messages = snapshot(world, event), len(world.queue.sent)

    refused = ACTS[act](allow(anna), allow(boris), f"/v1/events/{event['id']}", world)

    check_refused(refused)
    assert snapshot(world, event) == before
    assert len(world.queue.sent) == messages
    assert world.query("SELECT 1 FROM users WHERE email_key = :it", it=f"new@{world.domain}") == []
    assert usage(world, actor) == used

    allow = limit(world, monkeypatch, wave_quota=used[0] + 1)
    assert ACTS[act](allow(anna), allow(boris), f"/v1/events/{event['id']}", world).status < 300
    recipients = {"update": 2}.get(act, 1)
    assert usage(world, actor) == (used[0] + 1, used[1] + recipients)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_beyond_the_quota_of_notifications_is_refused(
    world: World, anna: Client, boris: Client, carol: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    event = world.plan(anna, boris, carol)
    actor = boris if act in ("respond", "leave") else anna
    recipients = {"update": 2}.get(act, 1)
    # Room for all of it but one; at least one, or it would never fit.
    world.plan(actor, carol)
    quota = usage(world, actor)[1] + recipients - 1
    allow = limit(world, monkeypatch, notification_quota=quota)
    before = snapshot(world, event)

    check_refused(ACTS[act](allow(anna), allow(boris), f"/v1/events/{event['id']}", world))
    assert snapshot(world, event) == before

    allow = limit(world, monkeypatch, notification_quota=quota + 1)
    assert ACTS[act](allow(anna), allow(boris), f"/v1/events/{event['id']}", world).status < 300


def test_what_notifies_nobody_counts_for_nothing(
    world: World, anna: Client, boris: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = world.plan(anna, boris)
    path = f"/v1/events/{event['id']}"
    boris.patch(f"{path}/participants/me", {"response_status": "declined"})
    used = usage(world, anna), usage(world, boris)
    allow = limit(world, monkeypatch, wave_quota=1, notification_quota=1)
    organizer, guest = allow(anna), allow(boris)

    assert organizer.patch(path, {"reminder_minutes": [5]}).status == 200
    assert organizer.patch(path, {"title": event["title"]}).status == 200
    assert organizer.post("/v1/events", EVENT_BODY).status == 201
    assert organizer.post(f"{path}/participants", {"participant_ids": [boris.id]}).json == {"added": 0}
    again = {"response_status": "declined"}
    assert guest.patch(f"{path}/participants/me", again).status == 200
    # The response was declined already: the organizer is not notified again.
    assert guest.delete(f"{path}/participants/me").status == 204
    assert (usage(world, anna), usage(world, boris)) == used


def test_cancelling_is_always_possible(
    world: World, anna: Client, boris: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, other = world.plan(anna, boris), world.plan(anna, boris)
    organizer = limit(world, monkeypatch, wave_quota=1, notification_quota=1)(anna)
    check_refused(organizer.patch(f"/v1/events/{event['id']}", {"title": "Another"}))

    assert organizer.delete(f"/v1/events/{event['id']}").status == 204
    assert organizer.delete("/v1/me").status == 204
    for cancelled in (event, other):
        (row,) = world.outbox(cancelled, "event_cancelled")
        assert row["recipient_ids"] == [boris.uuid]


def test_after_an_hour_there_is_room_again(
    world: World, anna: Client, boris: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = world.plan(anna, boris)
    organizer = limit(world, monkeypatch, wave_quota=1)(anna)
    age = "UPDATE quota_usage SET window_started_at = now() - make_interval(secs => :age) WHERE user_id = :id"

    world.query(age, age=3_500, id=anna.id)
    refused = organizer.patch(f"/v1/events/{event['id']}", {"title": "Too soon"})
    check_refused(refused)
    assert 90 <= int(refused.headers["retry-after"]) <= 100

    world.query(age, age=3_601, id=anna.id)
    assert organizer.patch(f"/v1/events/{event['id']}", {"title": "Later"}).status == 200
    assert usage(world, anna) == (1, 1)


def test_an_act_that_never_fits_says_which_setting_is_in_its_way(
    world: World, anna: Client, boris: Client, carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizer = limit(world, monkeypatch, notification_quota=1)(anna)

    refused = organizer.post("/v1/events", {**EVENT_BODY, "participant_ids": [boris.id, carol.id]})

    check_refused(refused)
    assert "NOTIFICATION_QUOTA" in refused.json["detail"]
    assert "at most 1 people" in refused.json["detail"]


def test_a_refused_or_repeated_request_is_not_charged(
    world: World, anna: Client, boris: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"idempotency-key": "k"}
    body = {**EVENT_BODY, "participant_ids": [boris.id], "uid": f"uid@{world.domain}"}
    event = anna.post("/v1/events", body, headers=key).json
    path = f"/v1/events/{event['id']}/participants"
    more = {"participant_emails": [f"more@{world.domain}"]}
    anna.post(path, more, headers=key)
    used = usage(world, anna)

    assert anna.post("/v1/events", body, headers=key).status == 201
    assert anna.post(path, more, headers=key).json == {"added": 1}
    assert anna.post("/v1/events", body).status == 409
    unknown = {"participant_ids": [boris.id, "00000000-0000-4000-8000-000000000000"]}
    assert anna.post("/v1/events", {**EVENT_BODY, **unknown}).status == 422
    assert anna.post(path, unknown).status == 422
    assert boris.patch(f"/v1/events/{event['id']}", {"title": "Not mine"}).status == 403

    assert usage(world, anna) == used
    assert usage(world, boris) == (0, 0)


def statuses(results: list[Any]) -> list[int]:
    return [status for result in results for status in result]


def storm(
    world: World, rounds: int, act: Callable[[Client, int, int], Response], person: Client
) -> list[int]:
    """The statuses of so many rounds in which WRITERS do the same at the same moment, as one person."""

    def make(writer: int) -> Callable[[Handler], Callable[[Any], int]]:
        return lambda handler: lambda each: act(Client(handler, person.claims), writer, each).status

    results = world.race(range(rounds), *(make(writer) for writer in range(WRITERS)))
    return statuses(results)


def test_of_64_creations_by_16_writers_exactly_60_pass(
    world: World, anna: Client, boris: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world, monkeypatch, create_quota=60, create_quota_seconds=600)
    body = {**EVENT_BODY, "participant_ids": [boris.id]}

    found = storm(world, 4, lambda person, *_: person.post("/v1/events", body), anna)

    assert (found.count(201), found.count(429)) == (60, 4)
    (row,) = world.query("SELECT count(*) AS n FROM events WHERE organizer_id = :id", id=anna.id)
    assert row["n"] == 60
    assert usage(world, anna) == (60, 60)


def test_creations_that_invite_the_same_new_addresses_are_charged_once_each(
    world: World, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world, monkeypatch, notification_quota=40 * 3)

    def create(person: Client, _writer: int, each: int) -> Response:
        emails = [f"new-{each}-{number}@{world.domain}" for number in range(3)]
        return person.post("/v1/events", {**EVENT_BODY, "participant_emails": emails})

    found = storm(world, 4, create, anna)

    assert (found.count(201), found.count(429)) == (40, 24)
    assert usage(world, anna) == (40, 120)


def test_a_creation_that_meets_another_persons_new_address_is_charged_once(
    world: World, anna: Client, boris: Client
) -> None:
    emails = [f"both-{number}@{world.domain}" for number in range(2)]
    insert = "INSERT INTO users (email, email_key) VALUES (:it, :it)"
    aside = {**EVENT_BODY, "participant_emails": emails, "participant_ids": [boris.id]}
    with world.held(insert, it=emails[1]):
        response = world.call_aside(anna, "POST", "/v1/events", aside)

    assert response().status == 201
    assert usage(world, anna) == (1, 3)
    event, more = response().json, f"more@{world.domain}"
    with world.held(insert, it=more):
        response = world.call_aside(
            anna, "POST", f"/v1/events/{event['id']}/participants", {"participant_emails": [more]}
        )
    assert response().json == {"added": 1}
    assert usage(world, anna) == (2, 4)


def test_changes_of_many_events_at_once_pass_up_to_the_quota_exactly(
    world: World, anna: Client, boris: Client, carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [world.plan(anna, boris, carol) for _ in range(WRITERS)]
    used = usage(world, anna)
    limit(world, monkeypatch, wave_quota=used[0] + 40, notification_quota=used[1] + 70)

    def change(person: Client, writer: int, each: int) -> Response:
        path = f"/v1/events/{events[writer]['id']}"
        if each % 2:
            emails = [f"new-{each}-{number}@{world.domain}" for number in range(2)]
            return person.post(f"{path}/participants", {"participant_emails": emails})
        return person.patch(path, {"title": f"Title {each}"})

    found = storm(world, 4, change, anna)

    assert set(found) == {200, 429}
    waves, notifications = usage(world, anna)
    assert waves - used[0] == found.count(200)
    written = world.query(
        "SELECT sum(cardinality(recipient_ids)) AS n FROM outbox WHERE event_id = ANY (CAST(:ids AS uuid[]))",
        ids=[event["id"] for event in events],
    )
    assert written[0]["n"] == notifications <= used[1] + 70
    # What was refused would not have fitted: an update notifies two, and so does an invitation.
    assert notifications + 2 > used[1] + 70 or waves == used[0] + 40
