"""The delivery trail of each wave of notifications, and muted notification types."""

from datetime import datetime
from typing import Any

import pytest
from integration.api.client import Client, check_problem, pointers
from integration.changes.world import World, from_now, kinds


@pytest.fixture
def dora(world: World) -> Client:
    """A person who has muted all types that can be muted."""
    dora = world.person("dora")
    muted = {
        type_: {"in_app": False}
        for type_ in (
            "event_invited",
            "event_updated",
            "event_reminder",
            "participant_responded",
            "participant_removed",
        )
    }
    assert dora.call("PUT", "/v1/me/preferences", muted).json == {
        **muted,
        "event_cancelled": {"in_app": True},
    }
    return dora


def waves(anna: Client, event: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The type of each wave, its recipients, delivered, pending and failed, in the order of the changes."""
    response = anna.get(f"/v1/events/{event['id']}/deliveries")
    assert response.status == 200, response.text
    items = response.json["items"][::-1]
    assert response.json["next_cursor"] is None
    for item in items:
        assert item.keys() == {
            *("type", "created_at", "due_at", "delivered_at"),
            *("recipients", "delivered", "pending", "failed"),
        }
        parts = (item["delivered"], item["pending"], item["failed"])
        assert sum(parts) == item["recipients"]
        assert (item["delivered_at"] is not None) == (item["pending"] == item["failed"] == 0)
        assert (item["due_at"] is not None) == (item["type"] == "event_reminder")
    counts = ("recipients", "delivered", "pending", "failed")
    return [(item["type"], *(item[name] for name in counts)) for item in items]


def test_each_change_is_a_wave_in_the_order_of_the_changes(
    world: World, anna: Client, boris: Client, carol: Client, dora: Client
) -> None:
    event = world.plan(anna, boris, dora)
    path = f"/v1/events/{event['id']}"
    assert waves(anna, event) == [("event_invited", 2, 0, 2, 0)]
    world.deliver(event)
    anna.patch(path, {"title": "Итоги"})
    assert waves(anna, event) == [("event_invited", 2, 2, 0, 0), ("event_updated", 2, 0, 2, 0)]
    anna.post(f"{path}/participants", {"participant_ids": [carol.id]})
    dora.patch(f"{path}/participants/me", {"response_status": "accepted"})
    anna.delete(f"{path}/participants/{boris.id}")
    anna.delete(path)
    world.deliver(event)
    assert waves(anna, event) == [
        ("event_invited", 2, 2, 0, 0),
        ("event_updated", 2, 2, 0, 0),
        ("event_invited", 1, 1, 0, 0),
        ("participant_responded", 1, 1, 0, 0),
        ("participant_removed", 1, 1, 0, 0),
        ("event_cancelled", 2, 2, 0, 0),
    ]
    assert kinds(dora) == ["event_cancelled"]


def test_a_reminder_to_come_is_pending_for_those_who_would_get_it_now(
    world: World, anna: Client, boris: Client, carol: Client, dora: Client
) -> None:
    times = {"starts_at": from_now(minutes=60), "ends_at": from_now(minutes=90)}
    event = world.plan(anna, boris, carol, dora, **times, reminder_minutes=[10, 30])
    world.deliver(event)
    second, first, _ = anna.get(f"/v1/events/{event['id']}/deliveries").json["items"]
    assert datetime.fromisoformat(first["due_at"]) < datetime.fromisoformat(second["due_at"])
    assert waves(anna, event)[1:] == [("event_reminder", 4, 0, 4, 0)] * 2

    carol.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": "declined"})
    assert waves(anna, event)[1:3] == [("event_reminder", 3, 0, 3, 0)] * 2
    boris.delete("/v1/me")
    assert waves(anna, event)[1:3] == [("event_reminder", 2, 0, 2, 0)] * 2

    world.pass_time(event, minutes=31)
    world.deliver(event)
    assert waves(anna, event)[1:3] == [
        ("event_reminder", 2, 2, 0, 0),
        ("event_reminder", 2, 0, 2, 0),
    ]
    # What was withdrawn is owed to nobody.
    anna.delete(f"/v1/events/{event['id']}")
    assert [wave[0] for wave in waves(anna, event)].count("event_reminder") == 1


def test_what_was_given_up_is_failed_until_it_is_delivered(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris)
    mark = "UPDATE outbox SET failed_at = now(), failure = 'test' WHERE event_id = :id"
    world.query(mark, id=event["id"])
    assert waves(anna, event) == [("event_invited", 1, 0, 0, 1)]
    world.deliver(event)
    assert waves(anna, event) == [("event_invited", 1, 1, 0, 0)]


def test_a_wave_of_several_rows_is_one_item(world: World, anna: Client) -> None:
    event = world.plan(anna, participant_ids=world.people(2_500))
    assert waves(anna, event) == [("event_invited", 2_500, 0, 2_500, 0)]
    first, *others = world.owed(event)
    assert world.work([first]) == []
    ((_, recipients, delivered, pending, _),) = waves(anna, event)
    assert (recipients, delivered + pending) == (2_500, 2_500)
    assert delivered in (500, 1_000)
    assert world.work(others) == []
    assert waves(anna, event) == [("event_invited", 2_500, 2_500, 0, 0)]


def test_deliveries_are_for_the_organizer(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris)
    check_problem(boris.get(f"/v1/events/{event['id']}/deliveries"), 403)
    check_problem(world.person("stranger").get(f"/v1/events/{event['id']}/deliveries"), 404)


@pytest.mark.parametrize("type_", ["event_invited", "event_updated", "event_reminder", "participant_removed"])
def test_a_muted_type_is_not_written_and_the_others_are(
    world: World, anna: Client, boris: Client, type_: str
) -> None:
    assert boris.call("PUT", "/v1/me/preferences", {type_: {"in_app": False}}).status == 200
    times = {"starts_at": from_now(minutes=60), "ends_at": from_now(minutes=90)}
    event = world.plan(anna, boris, **times, reminder_minutes=[10])
    anna.patch(f"/v1/events/{event['id']}", {"title": "Итоги"})
    world.pass_time(event, minutes=51)
    world.deliver(event)
    anna.delete(f"/v1/events/{event['id']}/participants/{boris.id}")
    world.deliver(event)

    expected = {"event_invited", "event_updated", "event_reminder", "participant_removed"} - {type_}
    assert set(kinds(boris)) == expected
    # The trail does not tell what somebody has muted.
    assert all(recipients == delivered for _, recipients, delivered, _, _ in waves(anna, event))
    # Wanted again: what comes from then on is written, what was muted is not made up for.
    assert boris.call("PUT", "/v1/me/preferences", {}).status == 200
    anna.post(f"/v1/events/{event['id']}/participants", {"participant_ids": [boris.id]})
    world.deliver(event)
    assert kinds(boris).count("event_invited") == (1 if type_ == "event_invited" else 2)


def test_an_organizer_can_mute_responses(world: World, anna: Client, boris: Client) -> None:
    anna.call("PUT", "/v1/me/preferences", {"participant_responded": {"in_app": False}})
    event = world.plan(anna, boris)
    boris.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": "accepted"})
    world.deliver(event)
    assert kinds(anna) == []
    assert waves(anna, event)[-1] == ("participant_responded", 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("preferences", "pointer"),
    [
        ({"event_cancelled": {"in_app": False}}, "/event_cancelled/in_app"),
        ({"event_moved": {"in_app": False}}, "/event_moved"),
        ({"event_updated": {"email": False}}, "/event_updated/email"),
        ({"event_updated": {"in_app": "no"}}, "/event_updated/in_app"),
        ({"event_updated": {"in_app": None}}, "/event_updated/in_app"),
        ({"event_updated": False}, "/event_updated"),
    ],
)
def test_preferences_that_cannot_be_had_are_refused_and_change_nothing(
    anna: Client, preferences: dict[str, Any], pointer: str
) -> None:
    anna.call("PUT", "/v1/me/preferences", {"event_reminder": {"in_app": False}})
    wanted = anna.get("/v1/me/preferences").json

    assert pointers(anna.call("PUT", "/v1/me/preferences", preferences)) == [pointer]

    assert anna.get("/v1/me/preferences").json == wanted
    assert wanted == {
        type_: {"in_app": type_ != "event_reminder"}
        for type_ in (
            "event_invited",
            "event_updated",
            "event_cancelled",
            "event_reminder",
            "participant_responded",
            "participant_removed",
        )
    }


def test_preferences_are_put_as_a_whole(anna: Client) -> None:
    for muted in ("event_invited", "event_updated"):
        anna.call("PUT", "/v1/me/preferences", {muted: {"in_app": False}})
    wanted = anna.get("/v1/me/preferences").json
    assert [type_ for type_, it in wanted.items() if not it["in_app"]] == ["event_updated"]
