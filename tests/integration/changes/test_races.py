"""Changes that meet: in either order, the outcome is one of those that are right."""

from collections import Counter
from typing import Any

import pytest
from integration.api.client import Client
from integration.changes.races import ROUNDS, calls, deliveries, jittered
from integration.changes.world import World, from_now

LATER = {"starts_at": from_now(hours=30), "ends_at": from_now(hours=31)}


@pytest.fixture
def due(world: World, anna: Client, boris: Client) -> dict[str, Any]:
    """An event in nine minutes whose reminder was due a minute ago and has not been delivered."""
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=90)}
    event = world.plan(anna, boris, **times, reminder_minutes=[10])
    world.deliver(event)
    world.pass_time(event, minutes=21)
    return event


def reminders_of(world: World, events: list[str]) -> dict[str, Any]:
    """The outbox row of the reminder of each event."""
    rows = world.query(
        "SELECT event_id, id FROM outbox"
        " WHERE event_id = ANY (CAST(:events AS uuid[])) AND type = 'event_reminder'",
        events=events,
    )
    return {str(row["event_id"]): row["id"] for row in rows}


def by_event(world: World, columns: str, events: list[str], tail: str = "") -> dict[str, list[Any]]:
    """Rows of the outbox, by event, in the order of the changes."""
    found: dict[str, list[Any]] = {event: [] for event in events}
    for row in world.query(
        f"SELECT event_id, {columns} FROM outbox"
        f" WHERE event_id = ANY (CAST(:events AS uuid[])) {tail} ORDER BY id",
        events=events,
    ):
        found[str(row["event_id"])].append(row)
    return found


def count_reminded(world: World, reminder: Any) -> int:
    """How many have the reminder."""
    (row,) = world.query("SELECT count(*) AS n FROM notifications WHERE id = :id", id=reminder)
    return int(row["n"])


def both_came_first(outcomes: list[Any]) -> bool:
    """Whether the race was one: neither always won."""
    return len(set(outcomes)) > 1


def test_no_reminder_commits_after_a_cancellation_has(
    world: World, anna: Client, due: dict[str, Any]
) -> None:
    events = world.copies(due, ROUNDS)
    reminders = reminders_of(world, events)

    results = world.race(
        events,
        jittered(calls("DELETE", person=anna, then=lambda event: count_reminded(world, reminders[event])), 1),
        jittered(deliveries(world, reminders), 2),
    )

    reminded = []
    for event, ((status, seen), failed) in zip(events, results, strict=True):
        assert (status, failed) == (204, [])
        reminded.append(count_reminded(world, reminders[event]))
        assert seen == reminded[-1]
    assert set(reminded) == {0, 2}
    for row in world.query(
        "SELECT cancelled_at, delivered_at FROM outbox WHERE id = ANY (CAST(:ids AS uuid[]))",
        ids=list(reminders.values()),
    ):
        assert (row["cancelled_at"] is None) != (row["delivered_at"] is None)


def test_a_reminder_is_delivered_or_moved_and_never_both(
    world: World, anna: Client, due: dict[str, Any]
) -> None:
    events = world.copies(due, ROUNDS)
    reminders = reminders_of(world, events)

    results = world.race(
        events,
        jittered(calls("PATCH", person=anna, body=LATER), 3),
        jittered(deliveries(world, reminders), 4),
    )

    assert {status for (status, _), _ in results} == {200}
    outcomes = []
    for event, rows in by_event(
        world, "id, cancelled_at, delivered_at", events, "AND type = 'event_reminder'"
    ).items():
        old, new = rows
        assert old["id"] == reminders[event]
        assert (old["cancelled_at"] is None) != (old["delivered_at"] is None)
        assert (new["cancelled_at"], new["delivered_at"]) == (None, None)
        outcomes.append(old["delivered_at"] is None)
        assert count_reminded(world, old["id"]) == (0 if old["delivered_at"] is None else 2)
    assert both_came_first(outcomes)


def test_a_reminder_that_is_due_is_not_lost_when_the_title_changes(
    world: World, anna: Client, due: dict[str, Any]
) -> None:
    events = world.copies(due, ROUNDS)
    reminders = reminders_of(world, events)

    world.race(
        events,
        jittered(calls("PATCH", person=anna, body={"title": "Итоги"}), 5),
        jittered(deliveries(world, reminders), 6),
    )

    rows = world.query(
        """
        SELECT payload ->> 'title' AS title, cancelled_at, delivered_at,
               array_agg(message) AS messages
        FROM outbox LEFT JOIN notifications USING (id)
        WHERE id = ANY (CAST(:ids AS uuid[])) GROUP BY outbox.id
        """,
        ids=list(reminders.values()),
    )
    assert len(rows) == ROUNDS
    for row in rows:
        assert (row["cancelled_at"], row["delivered_at"] is not None) == (None, True)
        assert len(row["messages"]) == 2
        assert all(message.startswith(f"Встреча «{row['title']}»") for message in row["messages"])
    assert both_came_first([row["title"] for row in rows])


def test_a_cancelled_event_has_no_live_reminder_though_it_is_moved_meanwhile(
    world: World, anna: Client
) -> None:
    events = world.copies(world.plan(anna, reminder_minutes=[5, 15]), ROUNDS)

    results = world.race(
        events,
        jittered(calls("PATCH", person=anna, body=LATER), 7),
        jittered(calls("DELETE", person=anna), 8),
    )

    assert {cancelled for _, (cancelled, _) in results} == {204}
    assert {changed for (changed, _), _ in results} == {200, 409}
    live = by_event(world, "id", events, "AND cancelled_at IS NULL AND type = 'event_reminder'")
    assert not any(live.values())
    written = by_event(world, "id", events, "AND type = 'event_reminder'")
    for event, ((changed, _), _) in zip(events, results, strict=True):
        assert len(written[event]) == (4 if changed == 200 else 2)


def test_of_two_moves_the_later_one_is_reminded_of_and_each_change_begins_where_the_other_ended(
    world: World, anna: Client, boris: Client
) -> None:
    events = world.copies(world.plan(anna, boris, reminder_minutes=[15]), ROUNDS)
    moves = ("2030-03-01T06:00:00Z", "2030-03-01T05:00:00Z")

    results = world.race(
        events,
        *(
            jittered(calls("PATCH", person=anna, body={"starts_at": start}), 9 + number)
            for number, start in enumerate(moves)
        ),
    )

    assert {status for pair in results for status, _ in pair} == {200}
    payloads = by_event(world, "payload", events, "AND type = 'event_updated'")
    live = by_event(world, "due_at", events, "AND type = 'event_reminder' AND cancelled_at IS NULL")
    finals = {
        str(row["id"]): row
        for row in world.query(
            "SELECT id, starts_at, starts_at - interval '15 minutes' AS due_at, version, sequence FROM events"
            " WHERE id = ANY (CAST(:events AS uuid[]))",
            events=events,
        )
    }
    for event in events:
        first, second = (row["payload"] for row in payloads[event])
        assert first["changes"]["starts_at"][1] == second["changes"]["starts_at"][0]
        final = finals[event]
        assert second["starts_at"] == second["changes"]["starts_at"][1] == final["starts_at"].isoformat()
        assert [row["due_at"] for row in live[event]] == [final["due_at"]]
        assert (final["version"], final["sequence"]) == (3, 2)
    assert both_came_first([final["starts_at"] for final in finals.values()])


def test_adding_and_removing_one_person_tells_them_what_happened_in_its_order(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    # Carol takes part in every other event to begin with.
    events = world.copies(world.plan(anna, boris), ROUNDS)
    world.query(
        "INSERT INTO event_participants (event_id, user_id) SELECT id, :carol FROM"
        " unnest(CAST(:events AS uuid[])) AS id",
        carol=carol.id,
        events=events[::2],
    )

    results = world.race(
        events,
        jittered(
            calls("POST", "/v1/events/{}/participants", {"participant_ids": [carol.id]}, person=anna), 11
        ),
        jittered(calls("DELETE", f"/v1/events/{{}}/participants/{carol.id}", person=anna), 12),
    )

    told = by_event(
        world, "type", events, "AND :carol = ANY (recipient_ids)".replace(":carol", f"'{carol.id}'")
    )
    members = {
        str(row["event_id"])
        for row in world.query("SELECT event_id FROM event_participants WHERE user_id = :id", id=carol.id)
    }
    outcomes = Counter[tuple[Any, ...]]()
    for number, (event, ((added, _), (removed, _))) in enumerate(zip(events, results, strict=True)):
        assert added == 200
        assert removed in (204, 404)
        types = tuple(row["type"].partition("_")[2] for row in told[event])
        outcomes[(number % 2 == 0, types, event in members)] += 1
    # She took part, or not; who came first; and what follows from it.
    assert set(outcomes) == {
        (True, ("removed",), False),
        (True, ("removed", "invited"), True),
        (False, ("invited", "removed"), False),
        (False, ("invited",), True),
    }


def test_a_response_beside_a_cancellation_is_given_before_it_or_not_at_all(
    world: World, anna: Client, boris: Client
) -> None:
    events = world.copies(world.plan(anna, boris), ROUNDS)

    results = world.race(
        events,
        jittered(
            calls("PATCH", "/v1/events/{}/participants/me", {"response_status": "accepted"}, person=boris), 13
        ),
        jittered(calls("DELETE", person=anna), 14),
    )

    told = by_event(world, "type", events, "AND type <> 'event_invited'")
    for event, ((answered, _), (cancelled, _)) in zip(events, results, strict=True):
        assert cancelled == 204
        types = [row["type"] for row in told[event]]
        assert types == {200: ["participant_responded"], 409: []}[answered] + ["event_cancelled"]
    assert both_came_first([answered for (answered, _), _ in results])


def test_one_key_at_once_adds_once(world: World, anna: Client, boris: Client, carol: Client) -> None:
    events = world.copies(world.plan(anna, boris), ROUNDS)

    def adding(seed: int) -> Any:
        def make(handler: Any) -> Any:
            me = Client(handler, anna.claims)

            def call(event: str) -> tuple[int, Any]:
                response = me.post(
                    f"/v1/events/{event}/participants",
                    {"participant_ids": [carol.id]},
                    headers={"idempotency-key": "k"},
                )
                return response.status, response.json.get("added")

            return call

        return jittered(make, seed)

    for pair in world.race(events, adding(15), adding(16)):
        assert (200, 1) in pair
        assert set(pair) <= {(200, 1), (409, None)}
    told = by_event(world, "type", events, f"AND '{carol.id}' = ANY (recipient_ids)")
    assert {len(types) for types in told.values()} == {1}
