"""DELETE …/participants/me: nothing more of the event reaches the person, whatever is on its way."""

from collections.abc import Callable
from typing import Any

import pytest
from convoke.database.transactions import autocommit, transaction
from convoke_api.invocation import Handler
from convoke_worker.delivery import deliver
from convoke_worker.locales import Locales
from integration.api.client import Client, check_problem
from integration.changes.races import ROUNDS, calls, deliveries, jittered
from integration.changes.world import World, from_now, inbox, kinds
from sqlalchemy import text

LOCALES = Locales(default_locale="ru", default_time_zone="UTC")


def participants(event: dict[str, Any]) -> str:
    return f"/v1/events/{event['id']}/participants"


def leave(person: Client, event: dict[str, Any]) -> int:
    response = person.delete(f"{participants(event)}/me")
    assert response.text == "" or response.status >= 400
    return response.status


def test_the_organizer_is_notified_as_of_a_declined_invitation(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris)

    assert leave(boris, event) == 204

    world.deliver(event)
    assert kinds(anna) == ["participant_responded"]
    assert inbox(anna)[0].startswith("Boris")
    (row,) = world.outbox(event, "participant_responded")
    assert row["payload"]["response_status"] == "declined"
    assert row["payload"]["actor_id"] == boris.id
    seen = anna.get(f"/v1/events/{event['id']}")
    assert seen.json["participants"] == []
    assert seen.json["version"] == event["version"]
    check_problem(boris.get(f"/v1/events/{event['id']}"), 404)


def test_after_a_declined_invitation_the_organizer_is_not_notified_again(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris)
    boris.patch(f"{participants(event)}/me", {"response_status": "declined"})

    assert leave(boris, event) == 204

    world.deliver(event)
    assert kinds(anna) == ["participant_responded"]


def test_the_organizer_sees_the_name_of_a_person_who_has_left(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    left, other = world.plan(anna, boris), world.plan(anna, boris)
    of_carol = world.plan(carol, boris)

    def name_on(organizer: Client, event: dict[str, Any]) -> str | None:
        (participant,) = organizer.get(f"/v1/events/{event['id']}").json["participants"]
        name: str | None = participant["full_name"]
        return name

    assert name_on(anna, other) is None

    assert leave(boris, left) == 204

    assert (name_on(anna, other), name_on(carol, of_carol)) == ("Boris", None)


def test_nothing_that_is_on_its_way_reaches_the_person(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60), "reminder_minutes": [20]}
    event = world.plan(anna, boris, carol, **times)
    alone = world.plan(anna, boris)
    anna.patch(f"/v1/events/{event['id']}", {"title": "Another"})
    assert leave(boris, event) == leave(boris, alone) == 204
    world.pass_time(event, minutes=15)
    anna.patch(f"/v1/events/{event['id']}", {"location": "Elsewhere"})
    anna.delete(f"/v1/events/{event['id']}")
    anna.delete(f"/v1/events/{alone['id']}")

    world.deliver(event, alone)

    assert kinds(boris) == []
    assert kinds(carol) == ["event_invited", "event_updated", "event_updated", "event_cancelled"]
    # A row without recipients is delivered like any other.
    assert world.owed(alone) == []
    (invitation,) = world.outbox(alone, "event_invited")
    assert (invitation["recipient_ids"], invitation["written"]) == ([], 0)


def test_a_reminder_that_is_being_delivered_is_written_before_the_person_has_left(
    world: World, anna: Client, boris: Client
) -> None:
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60), "reminder_minutes": [20]}
    event = world.plan(anna, boris, **times)
    world.deliver(event)
    world.pass_time(event, minutes=15)
    (reminder,) = world.owed(event)
    with transaction(world.make_engine()) as connection:
        deliver(connection, [reminder], LOCALES)
        response = world.call_aside(boris, "DELETE", f"{participants(event)}/me")

    assert response().status == 204
    assert sorted(kinds(boris)) == ["event_invited", "event_reminder"]


def test_deliveries_beside_a_leaving_write_nothing_after_it(world: World, anna: Client) -> None:
    people = world.newcomers(ROUNDS)
    events, rows = {}, {}
    for person in people:
        event = world.plan(anna, participant_ids=[str(person["id"])])
        events[person["sub"]] = event
        rows[person["sub"]] = event_rows = [row["id"] for row in world.outbox(event, "event_invited")]
        assert len(event_rows) == 1
    counting = world.make_engine()
    count = text("SELECT count(*) FROM notifications WHERE user_id = :id")

    def told(person: dict[str, Any]) -> int:
        with autocommit(counting) as connection:
            return int(connection.execute(count, {"id": person["id"]}).scalar_one())

    def leaving(handler: Handler) -> Callable[[Any], tuple[int, int]]:
        return lambda person: (leave(Client(handler, person), events[person["sub"]]), told(person))

    results = world.race(people, jittered(leaving, 41), jittered(deliveries(world, rows), 42))

    assert {(status, tuple(failed)) for (status, _), failed in results} == {(204, ())}
    seen = [number for (_, number), _ in results]
    assert [told(person) for person in people] == seen
    assert set(seen) == {0, 1}


def test_a_person_who_has_left_may_be_invited_again(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris)
    assert leave(boris, event) == 204

    assert anna.post(participants(event), {"participant_ids": [boris.id]}).json == {"added": 1}

    world.deliver(event)
    assert kinds(boris) == ["event_invited"]
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"


def test_an_organizer_who_leaves_stays_the_organizer(world: World, anna: Client, boris: Client) -> None:
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60), "reminder_minutes": [20]}
    event = world.plan(anna, anna, boris, **times)
    boris.patch(f"{participants(event)}/me", {"response_status": "accepted"})

    assert leave(anna, event) == 204

    world.pass_time(event, minutes=15)
    world.deliver(event)
    assert sorted(kinds(anna)) == ["event_reminder", "participant_responded"]
    assert anna.get(f"/v1/events/{event['id']}").json["my_response_status"] is None


@pytest.mark.parametrize("again", [False, True])
def test_who_does_not_take_part_finds_nothing(
    world: World, anna: Client, boris: Client, carol: Client, again: bool
) -> None:
    event = world.plan(anna, boris)
    if again:
        assert leave(boris, event) == 204
        check_problem(boris.delete(f"{participants(event)}/me"), 404)
    check_problem(carol.delete(f"{participants(event)}/me"), 404)
    check_problem(anna.delete(f"{participants(event)}/me"), 404)
    assert anna.get(f"/v1/events/{event['id']}").json["participant_counts"]["total"] == (0 if again else 1)


def test_a_cancelled_event_stays_as_it_is(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris)
    anna.delete(f"/v1/events/{event['id']}")
    check_problem(boris.delete(f"{participants(event)}/me"), 409)


def test_leaving_twice_at_once_notifies_the_organizer_once(world: World, anna: Client) -> None:
    people = world.newcomers(ROUNDS // 2)
    event = world.plan(anna, participant_ids=[str(person["id"]) for person in people])
    path = f"{participants(event)}/me"

    results = world.race(people, jittered(calls("DELETE", path), 43), jittered(calls("DELETE", path), 44))

    assert {tuple(sorted(status for status, _ in result)) for result in results} == {(204, 404)}
    assert len(world.outbox(event, "participant_responded")) == ROUNDS // 2
