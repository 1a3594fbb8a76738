"""DELETE /v1/me: what is known of a person is gone, what they had planned is cancelled, nothing returns."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from integration.api.client import Client, check_problem
from integration.changes.world import EVENT_BODY, World, from_now, inbox, kinds, notifications


@dataclass
class Story:
    """Zinaida's life with events, and who took part in it."""

    zinaida: Client
    guest: Client
    host: Client
    #: Hers.
    id: str
    name: str
    address: str
    #: The events: three of hers, and one to which she is invited.
    future: dict[str, Any]
    running: dict[str, Any]
    past: dict[str, Any]
    invited: dict[str, Any]

    @property
    def words(self) -> tuple[str, ...]:
        """By these she would be known."""
        return self.name, self.address


def token(issued: float = -3_600, **claims: Any) -> dict[str, Any]:
    """Claims of a token that was issued so many seconds from now."""
    return {"iat": str(int(time.time() + issued)), **claims}


@pytest.fixture
def story(world: World) -> Story:
    """She organizes, takes part, has responded, is notified and notifies others; some of it is in flight."""
    name = f"Zinaida {uuid4().hex}"
    zinaida = world.person("zinaida", **token(name=name, locale="en", zoneinfo="Asia/Kamchatka"))
    guest = world.person("guest", locale="en", zoneinfo="UTC")
    host = world.person("host", locale="en", zoneinfo="UTC")

    def plan(minutes: float) -> dict[str, Any]:
        times = {"starts_at": from_now(minutes=minutes), "ends_at": from_now(minutes=minutes + 60)}
        return world.plan(zinaida, guest, **times, reminder_minutes=[1], title=f"In {minutes}")

    key = {"idempotency-key": f"{zinaida.email} {name}"}
    past, running, future = plan(-90), plan(-30), plan(90)
    invited = world.plan(host, guest, participant_emails=[zinaida.email.upper()])
    world.deliver(past, running, future, invited)
    zinaida.patch(f"/v1/events/{invited['id']}/participants/me", {"response_status": "accepted"})
    world.deliver(invited)
    assert zinaida.post("/v1/notifications/read-all", headers=key).status == 200
    response = zinaida.post(f"/v1/events/{future['id']}/participants", {}, headers=key)
    assert response.status == 200

    # In flight: to her, of her, and by her.
    host.patch(f"/v1/events/{invited['id']}", {"title": "Moved on"})
    zinaida.patch(f"/v1/events/{invited['id']}/participants/me", {"response_status": "tentative"})
    zinaida.patch(f"/v1/events/{future['id']}", {"location": "Elsewhere"})
    return Story(zinaida, guest, host, zinaida.id, name, zinaida.email, future, running, past, invited)


def mentions(world: World, *words: str) -> list[str]:
    """The tables with a row that holds one of the words, in any column."""
    tables = world.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert len(tables) >= 6
    found = "SELECT 1 FROM {} AS it WHERE lower(to_jsonb(it)::text) ~ :words LIMIT 1"
    return [
        row["tablename"]
        for row in tables
        if world.query(found.format(row["tablename"]), words="|".join(words).lower())
    ]


def erase(story: Story) -> None:
    assert story.zinaida.delete("/v1/me").status == 204


def deliver_all(world: World, story: Story) -> None:
    world.deliver(story.past, story.running, story.future, story.invited)


def test_nothing_holds_the_name_or_the_address_at_once_or_after_all_was_delivered(
    world: World, story: Story
) -> None:
    assert {"users", "idempotency_records"} <= set(mentions(world, *story.words))

    erase(story)

    assert mentions(world, *story.words) == []
    deliver_all(world, story)
    world.take_steps()
    assert mentions(world, *story.words) == []
    assert inbox_rows(world, story) == []
    (row,) = world.query("SELECT * FROM users WHERE id = :id", id=story.id)
    left = {name for name, value in row.items() if value not in (None, [])}
    assert left == {"id", "subject_hash", "created_at", "tokens_valid_from", "claims_issued_at", "erased_at"}


def inbox_rows(world: World, story: Story) -> list[Any]:
    return world.query("SELECT 1 FROM notifications WHERE user_id = :id", id=story.id)


def test_others_read_of_somebody_without_a_name(world: World, story: Story) -> None:
    erase(story)
    deliver_all(world, story)

    texts = [*inbox(story.guest), *inbox(story.host)]
    assert len(texts) == 10
    assert not any("Zinaida" in it or "zinaida" in it for it in texts)
    assert sum(it.startswith("A deleted user ") for it in inbox(story.host)) == 2
    assert sum("Organizer: a deleted user." in it for it in inbox(story.guest)) == 6
    actors = [it["actor"] for it in notifications(story.host)]
    assert actors == [{"id": story.id, "full_name": None}] * 2


def test_events_to_come_are_cancelled_and_the_participants_notified_and_past_ones_stay(
    world: World, story: Story
) -> None:
    erase(story)
    deliver_all(world, story)

    for event, status in (
        (story.past, "confirmed"),
        (story.running, "cancelled"),
        (story.future, "cancelled"),
    ):
        seen = story.guest.get(f"/v1/events/{event['id']}").json
        assert seen["status"] == status
        assert seen["organizer"] == {"id": story.id, "full_name": None, "email": None}
        assert world.reminders(event) == []
    cancelled = [it["event_id"] for it in notifications(story.guest, "event_cancelled")]
    assert sorted(cancelled) == sorted([story.running["id"], story.future["id"]])
    # The changes that were in flight count, and come before the cancellations.
    assert kinds(story.guest) == [
        *["event_invited"] * 4,
        *["event_updated"] * 2,
        *["event_cancelled"] * 2,
    ]


def test_the_participation_stays_of_nobody_in_particular(world: World, story: Story) -> None:
    erase(story)
    seen = story.host.get(f"/v1/events/{story.invited['id']}").json
    assert seen["participant_counts"]["total"] == 2
    (nobody,) = (it for it in seen["participants"] if it["user_id"] == story.id)
    assert (nobody["email"], nobody["full_name"], nobody["response_status"]) == (None, None, "tentative")


def test_what_is_in_flight_to_the_person_is_not_written(world: World, story: Story) -> None:
    erase(story)
    story.host.patch(f"/v1/events/{story.invited['id']}", {"title": "Once more"})
    story.host.delete(f"/v1/events/{story.invited['id']}")
    deliver_all(world, story)
    assert inbox_rows(world, story) == []
    assert kinds(story.guest)[-1] == "event_cancelled"


def test_an_address_that_is_free_again_is_invited_as_somebody_new(world: World, story: Story) -> None:
    erase(story)
    event = world.plan(story.host, participant_emails=[story.address])
    (participant,) = event["participants"]
    assert participant["user_id"] != story.id
    assert participant["full_name"] is None


def every_call(story: Story) -> dict[tuple[str, str], Callable[[Client], Any]]:
    """A call that is acceptable otherwise, for each operation that needs a person."""
    event, nobody = f"/v1/events/{story.past['id']}", "00000000-0000-7000-8000-000000000001"
    event_body = {"title": "x", "starts_at": from_now(minutes=5), "ends_at": from_now(minutes=6)}
    bodies: dict[tuple[str, str], Any] = {
        ("POST", "/v1/events"): event_body
        | {"participant_emails": [story.address, f"second-{story.address}"]},
        ("GET", "/v1/events"): None,
        ("GET", "/v1/events/{event_id}"): None,
        ("PATCH", "/v1/events/{event_id}"): {"title": "x"},
        ("DELETE", "/v1/events/{event_id}"): None,
        ("GET", "/v1/events/{event_id}/calendar.ics"): None,
        ("GET", "/v1/events/{event_id}/deliveries"): None,
        ("GET", "/v1/events/{event_id}/participants"): None,
        ("POST", "/v1/events/{event_id}/participants"): {"participant_emails": [story.address]},
        ("DELETE", "/v1/events/{event_id}/participants/me"): None,
        ("PATCH", "/v1/events/{event_id}/participants/me"): {"response_status": "accepted"},
        ("DELETE", "/v1/events/{event_id}/participants/{user_id}"): None,
        ("GET", "/v1/notifications"): None,
        ("GET", "/v1/notifications/unread-count"): None,
        ("POST", "/v1/notifications/read-all"): {},
        ("PATCH", "/v1/notifications/{notification_id}"): {"read": True},
        ("DELETE", "/v1/notifications/{notification_id}"): None,
        ("GET", "/v1/me"): None,
        ("PATCH", "/v1/me"): {"full_name": story.name},
        ("DELETE", "/v1/me"): None,
        ("GET", "/v1/me/preferences"): None,
        ("GET", "/v1/me/blocks"): None,
        ("PUT", "/v1/me/blocks/{user_id}"): None,
        ("DELETE", "/v1/me/blocks/{user_id}"): None,
        ("PUT", "/v1/me/preferences"): {},
    }
    names = {"/v1/events/{event_id}": event, "{user_id}": nobody, "{notification_id}": nobody}

    def make(method: str, path: str, body: Any) -> Callable[[Client], Any]:
        for name, value in names.items():
            path = path.replace(name, value)
        return lambda person: person.call(method, path, body)

    return {key: make(*key, body) for key, body in bodies.items()}


#: The same for everybody, without a look at the caller's user.
IMPERSONAL = {("GET", "/health"), ("HEAD", "/health"), ("GET", "/v1/openapi.json")}


def test_an_old_token_is_refused_everywhere_and_makes_nobody(world: World, story: Story) -> None:
    document = story.host.get("/v1/openapi.json").json
    calls = every_call(story)
    operations = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert calls.keys() | IMPERSONAL == operations
    erase(story)
    before = world.query("SELECT count(*) AS users, (SELECT count(*) FROM events) AS events FROM users")

    for issued in (-7_200, -3_600, -1):
        old = Client(world.handler, {**(story.zinaida.claims or {}), **token(issued)})
        for operation, call in calls.items():
            refused = call(old)
            assert refused.status == 401, operation
            check_problem(refused, 401)
            assert refused.headers["www-authenticate"] == "Bearer"

    assert mentions(world, *story.words) == []
    assert before == world.query(
        "SELECT count(*) AS users, (SELECT count(*) FROM events) AS events FROM users"
    )


def test_a_token_that_does_not_say_when_it_was_issued_is_an_old_one(world: World) -> None:
    person = world.person("somebody")
    assert person.delete("/v1/me").status == 204
    check_problem(person.get("/v1/me"), 401)
    check_problem(person.delete("/v1/me"), 401)


def test_a_later_token_starts_anew(world: World, story: Story) -> None:
    erase(story)

    again = world.person("zinaida", **token(+2, name=story.name))

    assert again.id != story.id
    assert again.get("/v1/me").json["email"] == story.address
    assert notifications(again) == []
    assert again.get("/v1/events").json["items"] == []
    for event in (story.past, story.future, story.invited):
        check_problem(again.get(f"/v1/events/{event['id']}"), 404)
    # She is invited as who she is now; the old token is refused as before.
    event = world.plan(story.host, participant_emails=[story.address])
    world.deliver(event)
    assert kinds(again) == ["event_invited"]
    check_problem(story.zinaida.get("/v1/me"), 401)
    check_problem(story.zinaida.post("/v1/events", {**EVENT_BODY}), 401)
    assert again.get("/v1/events").json["items"] == [again.get(f"/v1/events/{event['id']}").json]


def test_erased_a_second_time_the_tokens_of_both_lives_are_void(world: World, story: Story) -> None:
    erase(story)
    # A token counts whole seconds: the first life ended a while ago.
    world.query("UPDATE users SET erased_at = erased_at - interval '1 minute' WHERE id = :id", id=story.id)
    again = Client(world.handler, {**(story.zinaida.claims or {}), **token(-5)})
    assert again.get("/v1/me").status == 200

    assert again.delete("/v1/me").status == 204

    for person in (story.zinaida, again):
        check_problem(person.get("/v1/me"), 401)
    assert mentions(world, *story.words) == []


def test_others_keep_everything(world: World, story: Story) -> None:
    deliver_all(world, story)
    before = {person.email: notifications(person) for person in (story.guest, story.host)}
    erase(story)
    for person in (story.guest, story.host):
        after = [it["id"] for it in notifications(person)]
        assert after == [it["id"] for it in before[person.email]]


NOT_YET = (
    "UPDATE users SET erased_at = now(), full_name = NULL, email = NULL, email_key = NULL WHERE id = :id"
)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "/v1/me", {"full_name": "Zinaida"}, 401),
        ("PUT", "/v1/me/preferences", {"event_invited": {"in_app": False}}, 200),
        ("PATCH", "/v1/events/{past}", {"ends_at": "2040-01-01T00:00:00Z"}, 404),
        ("POST", "/v1/events/{past}/participants", {"participant_emails": ["x@example.org"]}, 404),
        ("PATCH", "/v1/events/{invited}/participants/me", {"response_status": "declined"}, 404),
    ],
)
def test_what_was_under_way_when_the_person_was_erased_brings_nothing_back(
    world: World, story: Story, method: str, path: str, body: Any, status: int
) -> None:
    path = path.format(past=story.past["id"], invited=story.invited["id"])
    with world.held(NOT_YET, id=story.id):
        response = world.call_aside(story.zinaida, method, path, body)

    assert response().status == status
    (row,) = world.query("SELECT full_name, email, muted_types FROM users WHERE id = :id", id=story.id)
    assert (row["full_name"], row["email"], row["muted_types"]) == (None, None, [])
    owned = "SELECT 1 FROM events WHERE organizer_id = :id AND id = :past AND ends_at > now()"
    assert world.query(owned, id=story.id, past=story.past["id"]) == []


@pytest.mark.parametrize("verified", [True, False])
def test_an_event_that_is_just_being_planned_is_found_by_the_erasure(world: World, verified: bool) -> None:
    # Somebody without a verified address has no key that the erasure changes: it must lock all the same.
    person = world.person("somebody", email_verified=str(verified).lower())
    model = world.plan(person)
    creating = """
        INSERT INTO events SELECT (jsonb_populate_record(events, jsonb_build_object(
            'id', gen_random_uuid(), 'uid', 'another'))).* FROM events WHERE id = :id
    """
    with world.held(creating, id=model["id"]):
        response = world.call_aside(person, "DELETE", "/v1/me")

    assert response().status == 204
    statuses = world.query("SELECT status FROM events WHERE organizer_id = :id", id=model["organizer"]["id"])
    assert [row["status"] for row in statuses] == ["cancelled"] * 2
