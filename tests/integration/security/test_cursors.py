"""Security, line 14: a cursor opens one list of the caller's own, also when it is another person's cursor."""

import base64
import json
from uuid import UUID

import pytest
from integration.api.client import Client, pointers
from integration.changes.world import World


@pytest.fixture
def anna(world: World) -> Client:
    return world.person("anna")


@pytest.fixture
def boris(world: World) -> Client:
    return world.person("boris")


def fill_lists(world: World, organizer: Client, guests: list[str]) -> dict[str, str]:
    """Three events and so many notifications; a path for each list, and what is behind its first item."""
    events = [world.plan(organizer, title=f"of {organizer.email}", participant_ids=guests) for _ in range(3)]
    for event in events:
        guest = world.person("answering", sub=event["id"], email=f"{event['id']}@{world.domain}")
        path = f"/v1/events/{event['id']}/participants"
        assert organizer.post(path, {"participant_ids": [guest.id]}).status == 200
        assert guest.patch(f"{path}/me", {"response_status": "accepted"}).status == 200
        world.deliver(event)
    return {
        "events": "/v1/events",
        "notifications": "/v1/notifications",
        "participants": f"/v1/events/{events[0]['id']}/participants",
    }


def read_cursor(person: Client, path: str) -> str:
    cursor = person.get(f"{path}?limit=1").json["next_cursor"]
    assert isinstance(cursor, str)
    return cursor


@pytest.mark.parametrize("name", ["events", "notifications"])
def test_the_cursor_of_another_person_shows_nothing_of_them(
    world: World, anna: Client, boris: Client, name: str
) -> None:
    guests = world.people(2)
    hers, his = fill_lists(world, anna, guests), fill_lists(world, boris, guests)
    own = boris.get(f"{his[name]}?limit=100").json["items"]
    foreign = {item["id"] for item in anna.get(f"{hers[name]}?limit=100").json["items"]}

    shown = boris.get(f"{his[name]}?limit=100&cursor={read_cursor(anna, hers[name])}")

    assert shown.status == 200
    assert all(item in own for item in shown.json["items"])
    assert not any(each in shown.text for each in foreign)


def test_the_cursor_of_participants_opens_no_event(world: World, anna: Client, boris: Client) -> None:
    hers = fill_lists(world, anna, world.people(2))
    cursor = read_cursor(anna, hers["participants"])

    for target in (f"{hers['participants']}?cursor={cursor}", f"{hers['participants']}?limit=1"):
        assert boris.get(target).status == 404


def test_the_cursor_of_another_list_is_none(world: World, anna: Client) -> None:
    paths = fill_lists(world, anna, world.people(2))

    for name, path in paths.items():
        cursor = read_cursor(anna, path)
        for other, target in paths.items():
            response = anna.get(f"{target}?cursor={cursor}")
            if other == name:
                assert response.status == 200
            else:
                assert pointers(response) == ["/cursor"]


def test_a_forged_cursor_moves_within_the_own_list_and_breaks_nothing(
    world: World, anna: Client, boris: Client
) -> None:
    hers = fill_lists(world, anna, world.people(2))
    fill_lists(world, boris, world.people(2))
    highest, lowest = str(UUID(int=2**128 - 1)), str(UUID(int=0))
    forged = {
        "events": [["events", "1970-01-01T00:00:00Z", lowest], ["events", "2100-12-31T23:59:59Z", highest]],
        "notifications": [["notifications", lowest], ["notifications", highest]],
        "participants": [["participants", lowest], ["participants", highest]],
    }
    for name, cursors in forged.items():
        own = anna.get(f"{hers[name]}?limit=100").json["items"]
        for keys in cursors:
            packed = base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")
            shown = anna.get(f"{hers[name]}?limit=100&cursor={packed}")
            assert shown.status == 200
            assert shown.json["items"] in (own, [])


def test_a_cursor_holds_nothing_but_the_place(world: World, anna: Client) -> None:
    paths = fill_lists(world, anna, world.people(2))
    for name, path in paths.items():
        page = anna.get(f"{path}?limit=1").json
        cursor = page["next_cursor"]
        listed, *keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

        assert listed == name
        (item,) = page["items"]
        assert keys[-1] == item.get("id", item.get("user_id"))
        assert len(keys) == (2 if name == "events" else 1)
