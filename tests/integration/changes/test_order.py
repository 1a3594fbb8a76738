"""An inbox is in the order of the changes, however their messages arrive."""

import random
from datetime import datetime
from typing import Any

import pytest
from integration.api.client import Client
from integration.changes.world import World, from_now, kinds, notifications

#: What happens to Boris, in this order.
TYPES = [
    "event_invited",
    "event_updated",
    "participant_removed",
    "event_invited",
    "event_updated",
    "event_updated",
    "event_cancelled",
]


def live_through(world: World, anna: Client, boris: Client) -> dict[str, Any]:
    event = world.plan(anna, boris)
    path = f"/v1/events/{event['id']}"
    anna.patch(path, {"title": "1"})
    anna.delete(f"{path}/participants/{boris.id}")
    anna.patch(path, {"title": "Unseen by Boris"})
    anna.post(f"{path}/participants", {"participant_ids": [boris.id]})
    anna.patch(path, {"title": "3"})
    anna.patch(path, {"title": "4"})
    assert anna.delete(path).status == 204
    return event


@pytest.mark.parametrize("seed", range(12))
def test_changes_that_arrive_shuffled_are_shown_in_their_order(
    world: World, anna: Client, boris: Client, seed: int
) -> None:
    chance = random.Random(seed)
    event = live_through(world, anna, boris)
    arriving = world.owed(event) * 2
    chance.shuffle(arriving)

    while arriving:
        size = chance.randint(1, 10)
        batch, arriving = arriving[:size], arriving[size:]
        assert world.work(batch) == []

    assert kinds(boris) == TYPES
    times = [datetime.fromisoformat(it["created_at"]) for it in notifications(boris)]
    assert times == sorted(set(times))


def test_a_late_change_takes_its_place_among_those_that_were_shown_before(
    world: World, anna: Client, boris: Client
) -> None:
    event = live_through(world, anna, boris)
    late, *others = sorted(world.owed(event))
    assert world.work(others) == []
    seen = notifications(boris)
    assert [it["type"] for it in seen] == TYPES[1:]
    assert boris.post("/v1/notifications/read-all").json == {"updated": len(seen)}

    assert world.work([late]) == []

    assert [(it["id"], it["read_at"] is None) for it in notifications(boris)] == [
        (str(late), True),
        *((it["id"], False) for it in seen),
    ]


def test_pages_are_in_the_order_of_the_changes_too(world: World, anna: Client, boris: Client) -> None:
    event = live_through(world, anna, boris)
    # The latest change arrives first, and so on.
    world.deliver(event)
    shown, cursor = [], ""
    while cursor is not None:
        page = boris.get(f"/v1/notifications?limit=2{cursor}").json
        shown += [it["type"] for it in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert shown == TYPES[::-1]


def test_what_is_written_late_is_not_marked_read_unseen(world: World, anna: Client, boris: Client) -> None:
    event = live_through(world, anna, boris)
    late, *others = sorted(world.owed(event))
    assert world.work(others) == []
    (row,) = world.query("SELECT clock_timestamp() AS seen_at")
    assert world.work([late]) == []

    response = boris.post("/v1/notifications/read-all", {"before": row["seen_at"].isoformat()})

    assert response.json == {"updated": len(others)}
    assert [it["id"] for it in boris.get("/v1/notifications?unread=true").json["items"]] == [str(late)]


def test_a_reminder_stands_at_the_time_when_it_was_due(world: World, anna: Client, boris: Client) -> None:
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60)}
    event = world.plan(anna, boris, **times, reminder_minutes=[10])
    world.pass_time(event, minutes=21)
    (reminder,) = world.outbox(event, "event_reminder")
    anna.patch(f"/v1/events/{event['id']}", {"title": "Итоги"})

    # It was due a minute ago, before the change, and arrives after it.
    assert world.work([row for row in world.owed(event) if row != reminder["id"]]) == []
    assert world.work([reminder["id"]]) == []

    assert kinds(boris) == ["event_reminder", "event_invited", "event_updated"]
    shown = notifications(boris, "event_reminder")
    assert [datetime.fromisoformat(it["created_at"]) for it in shown] == [reminder["due_at"]]
