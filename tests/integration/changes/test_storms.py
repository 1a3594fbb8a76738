"""Everything at once, drawn from a seed: whatever meets, each change reaches each of its people once."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from convoke_api.invocation import Handler
from convoke_relay.retention import Retention, remove_expired
from integration.api.client import Client
from integration.changes.world import World, from_now, notifications

STEPS = 60
KEPT = Retention(outbox_days=35, notification_days=180)

#: What each change owes, and what was written for it.
WRITTEN = """
SELECT outbox.id, type, recipient_ids, cancelled_at IS NOT NULL AS withdrawn,
       delivered_at IS NOT NULL AS delivered,
       ARRAY(SELECT user_id FROM notifications WHERE notifications.id = outbox.id ORDER BY user_id) AS told
FROM outbox WHERE event_id = ANY (CAST(:events AS uuid[]))
"""


def stir(people: list[Client], events: list[str], seed: int) -> Callable[[Handler], Callable[[Any], int]]:
    """Calls drawn from the seed: people change, cancel, respond, add and remove."""

    def make(handler: Handler) -> Callable[[Any], int]:
        chance = random.Random(seed)
        organizer, *guests = (Client(handler, person.claims) for person in people)
        ids = {guest.email: guest.id for guest in guests}

        def call(_step: Any) -> int:
            path, guest = f"/v1/events/{chance.choice(events)}", chance.choice(guests)
            minutes = chance.choice([5, 12, 30, 600])
            times = {"starts_at": from_now(minutes=minutes), "ends_at": from_now(minutes=minutes + 30)}
            response = {"response_status": chance.choice(["accepted", "declined", "tentative"])}
            some = chance.sample(sorted(ids.values()), 2)
            calls: list[tuple[int, Callable[[], Any]]] = [
                (3, lambda: organizer.patch(path, {"title": f"Title {chance.random()}"})),
                (3, lambda: organizer.patch(path, times)),
                (2, lambda: organizer.patch(path, {"reminder_minutes": chance.sample(range(30), 3)})),
                (3, lambda: organizer.post(f"{path}/participants", {"participant_ids": some})),
                (3, lambda: organizer.delete(f"{path}/participants/{ids[guest.email]}")),
                (4, lambda: guest.patch(f"{path}/participants/me", response)),
                (2, lambda: guest.get(path)),
                (1, lambda: guest.post("/v1/notifications/read-all")),
            ]
            if chance.random() < 0.01:
                return int(organizer.delete(path).status)
            weights = [weight for weight, _ in calls]
            ((_, chosen),) = chance.choices(calls, weights)
            return int(chosen().status)

        return call

    return make


@pytest.mark.parametrize("seed", range(3))
def test_each_change_reaches_each_of_its_people_once_whatever_meets(world: World, seed: int) -> None:
    people = [world.person(f"person-{number}") for number in range(6)]
    organizer, *guests = people
    events = [world.plan(organizer, *guests[:3], reminder_minutes=[3]) for _ in range(3)]
    names = [event["id"] for event in events]
    worker, engine = world.make_worker(), world.make_engine()
    chance = random.Random(seed)

    def deliver(_step: Any) -> list[str]:
        rows = world.query(
            "SELECT id FROM outbox WHERE event_id = ANY (CAST(:events AS uuid[]))", events=names
        )
        batch = [row["id"] for row in chance.sample(rows, min(10, len(rows)))]
        remove_expired(engine, KEPT)
        return worker(batch)

    results = world.race(
        range(STEPS),
        *(stir(people, names, 100 * seed + number) for number in range(3)),
        lambda _handler: deliver,
    )

    for *statuses, failed in results:
        assert set(statuses) <= {200, 204, 404, 409}
        assert failed == []
    world.deliver(*events)
    organizers = organizer.uuid
    for row in world.query(WRITTEN, events=names):
        if row["type"] == "event_reminder":
            assert not (row["delivered"] and row["withdrawn"])
            assert row["delivered"] or row["told"] == []
        else:
            assert (row["delivered"], row["withdrawn"]) == (True, False)
            assert row["told"] == sorted(set(row["recipient_ids"]))
            assert (organizers in row["told"]) == (row["type"] == "participant_responded")
    for event in events:
        check_agreement(world, organizer, event["id"])
    for person in people:
        shown = [it["id"] for it in notifications(person)]
        assert shown == sorted(set(shown))


def check_agreement(world: World, organizer: Client, event_id: str) -> None:
    """Check that the event, its reminders and its notifications agree."""
    event = organizer.get(f"/v1/events/{event_id}").json
    (row,) = world.query(
        """
        SELECT (SELECT count(*) FROM outbox WHERE event_id = :id AND type = 'event_updated') AS updates,
               ARRAY(SELECT due_at FROM outbox
                     WHERE event_id = :id AND type = 'event_reminder' AND cancelled_at IS NULL
                       AND due_at > now()
                     ORDER BY due_at) AS live,
               ARRAY(SELECT starts_at - make_interval(mins => it) AS due_at
                     FROM events, unnest(reminder_minutes) AS it
                     WHERE id = :id AND status = 'confirmed' AND starts_at - make_interval(mins => it) > now()
                     ORDER BY due_at) AS ahead
        """,
        id=event_id,
    )
    assert row["live"] == row["ahead"]
    # A visible change is a row, unless nobody takes part at that moment; the cancellation counts too.
    assert row["updates"] <= event["sequence"] < event["version"]
    counts = event["participant_counts"]
    assert (
        sum(counts[name] for name in ("needs_action", "accepted", "declined", "tentative")) == counts["total"]
    )
    last = {}
    for row in world.query(
        "SELECT type, recipient_ids FROM outbox WHERE event_id = :id"
        " AND type IN ('event_invited', 'participant_removed') ORDER BY id",
        id=event_id,
    ):
        for user_id in row["recipient_ids"]:
            assert (last.get(user_id) == "event_invited") == (row["type"] == "participant_removed")
            last[user_id] = row["type"]
    members = {user_id for user_id, type_ in last.items() if type_ == "event_invited"}
    assert {it["user_id"] for it in event["participants"]} == {str(it) for it in members}
