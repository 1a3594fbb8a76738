"""A person is erased beside everything else: nothing of them is left, and no event is without anybody."""

from collections.abc import Callable
from typing import Any

import pytest
from convoke.database.transactions import transaction
from convoke_worker.delivery import deliver
from convoke_worker.locales import Locales
from integration.api.client import Client
from integration.changes.races import ROUNDS, calls, deliveries, jittered
from integration.changes.world import EVENT_BODY, World, from_now, kinds
from sqlalchemy import text


def ids(people: list[dict[str, Any]]) -> list[Any]:
    return [person["id"] for person in people]


def count_notifications(world: World, people: list[Any]) -> int:
    (row,) = world.query(
        "SELECT count(*) AS n FROM notifications WHERE user_id = ANY (CAST(:ids AS uuid[]))", ids=people
    )
    return int(row["n"])


def invite_each(world: World, event: dict[str, Any], people: list[dict[str, Any]]) -> dict[str, Any]:
    """An undelivered invitation to the event for each of the people; the ids of the rows, by subject."""
    (model,) = world.outbox(event, "event_invited")
    rows = {}
    for person in people:
        (row,) = world.query(
            """
            INSERT INTO outbox
            SELECT (jsonb_populate_record(outbox, jsonb_build_object(
                'id', uuid7_at(clock_timestamp()), 'recipient_ids', jsonb_build_array(CAST(:id AS text)),
                'delivered_at', NULL))).*
            FROM outbox WHERE outbox.id = :model RETURNING id
            """,
            id=str(person["id"]),
            model=model["id"],
        )
        rows[person["sub"]] = row["id"]
    return rows


def test_a_delivery_beside_an_erasure_leaves_nothing_after_the_sweep(
    world: World, anna: Client, boris: Client
) -> None:
    people = world.newcomers(ROUNDS)
    rows = invite_each(world, world.plan(anna, boris), people)

    results = world.race(
        people, jittered(calls("DELETE", "/v1/me"), 21), jittered(deliveries(world, rows), 22)
    )

    assert {(status, tuple(failed)) for (status, _), failed in results} == {(204, ())}
    world.take_steps()
    assert count_notifications(world, ids(people)) == 0


def test_what_a_delivery_that_had_begun_writes_for_the_erased_is_swept_away(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    event = world.plan(anna, boris, carol)
    (invitation,) = world.owed(event)
    erased, locales = boris.uuid, Locales(default_locale="ru", default_time_zone="UTC")
    with transaction(world.make_engine()) as connection:
        deliver(connection, [invitation], locales)
        assert boris.delete("/v1/me").status == 204
    assert count_notifications(world, [erased]) == 1

    assert world.take_steps().erasures >= 1
    assert count_notifications(world, [erased]) == 0
    assert kinds(carol) == ["event_invited"]


@pytest.mark.parametrize("verified", ["true", "false"])
def test_nobody_organizes_an_event_to_come_after_their_erasure(world: World, verified: str) -> None:
    people = world.newcomers(ROUNDS // 2, email_verified=verified)
    event_body = {**EVENT_BODY, "reminder_minutes": [5]}

    results = world.race(
        people,
        jittered(calls("DELETE", "/v1/me"), 23),
        jittered(calls("POST", "/v1/events", event_body), 24),
    )

    assert {erased for (erased, _), _ in results} == {204}
    assert {created for _, (created, _) in results} == {201, 401}
    left = world.query(
        """
        SELECT events.status, outbox.cancelled_at IS NULL AS reminds, users.erased_at IS NULL AS there
        FROM users LEFT JOIN events ON organizer_id = users.id LEFT JOIN outbox ON event_id = events.id
        WHERE users.id = ANY (CAST(:ids AS uuid[]))
        """,
        ids=ids(people),
    )
    assert {(row["status"], row["reminds"], row["there"]) for row in left} == {
        (None, True, False),
        ("cancelled", False, False),
    }
    # And nobody came back by it.
    assert world.query("SELECT 1 FROM users WHERE email LIKE '%@' || :it", it=world.domain) == []


def test_a_past_event_is_not_moved_ahead_beside_the_erasure_of_its_organizer(world: World) -> None:
    people = world.newcomers(ROUNDS)
    events = {}
    for person in people:
        me = Client(world.handler, person)
        times = {"starts_at": from_now(minutes=-30), "ends_at": from_now(minutes=-20)}
        events[person["sub"]] = me.post("/v1/events", {**EVENT_BODY, **times}).json["id"]
    ahead = {"ends_at": from_now(hours=1)}

    def moving(handler: Any) -> Callable[[Any], Any]:
        def call(person: dict[str, Any]) -> int:
            return Client(handler, person).patch(f"/v1/events/{events[person['sub']]}", ahead).status

        return call

    results = world.race(people, jittered(calls("DELETE", "/v1/me"), 25), jittered(moving, 26))

    assert {erased for (erased, _), _ in results} == {204}
    assert {moved for _, moved in results} <= {200, 401, 404}
    assert {moved for _, moved in results} >= {200, 401}
    states = world.query(
        "SELECT status, ends_at > now() AS ahead FROM events WHERE organizer_id = ANY (CAST(:ids AS uuid[]))",
        ids=ids(people),
    )
    assert {(row["status"], row["ahead"]) for row in states} == {("confirmed", False), ("cancelled", True)}


def test_two_erasures_at_once_cancel_each_event_once(world: World, boris: Client) -> None:
    people = world.newcomers(ROUNDS)
    for person in people:
        world.plan(Client(world.handler, person), boris)

    results = world.race(
        people, jittered(calls("DELETE", "/v1/me"), 27), jittered(calls("DELETE", "/v1/me"), 28)
    )

    statuses = {(first, second) for (first, _), (second, _) in results}
    assert statuses <= {(204, 204), (204, 401), (401, 204)}
    told = world.query(
        """
        SELECT count(*) AS n FROM events JOIN outbox ON event_id = events.id AND type = 'event_cancelled'
        WHERE organizer_id = ANY (CAST(:ids AS uuid[])) GROUP BY events.id
        """,
        ids=ids(people),
    )
    assert [row["n"] for row in told] == [1] * ROUNDS


def test_changing_oneself_beside_the_own_erasure_leaves_no_name(world: World) -> None:
    people = world.newcomers(ROUNDS)

    results = world.race(
        people,
        jittered(calls("DELETE", "/v1/me"), 29),
        jittered(calls("PATCH", "/v1/me", {"full_name": "Returned"}), 30),
    )

    assert {changed for _, (changed, _) in results} == {200, 401}
    names = world.query(
        "SELECT DISTINCT full_name FROM users WHERE id = ANY (CAST(:ids AS uuid[]))", ids=ids(people)
    )
    assert [row["full_name"] for row in names] == [None]


def test_an_erasure_locks_reminders_in_the_order_of_the_worker(world: World, anna: Client) -> None:
    # The later event has the earlier reminder: event by event, their locks would be taken crosswise.
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60)}
    first = world.plan(anna, **times, reminder_minutes=[5])
    second = world.plan(anna, **times, reminder_minutes=[10])
    (late,), (early,) = (world.outbox(event, "event_reminder") for event in (first, second))
    assert early["id"] < late["id"]

    worker = world.make_engine()
    with transaction(worker) as connection:
        locking = text("SELECT id FROM outbox WHERE id = :id FOR UPDATE NOWAIT")
        connection.execute(locking, {"id": early["id"]})
        response = world.call_aside(anna, "DELETE", "/v1/me")
        # The erasure waits for the earlier row, and holds none that the worker locks after it.
        connection.execute(locking, {"id": late["id"]})

    assert response().status == 204
    assert world.reminders(first) == world.reminders(second) == []


def test_erasures_beside_deliveries_of_their_reminders_fail_nobody(world: World) -> None:
    people = world.newcomers(ROUNDS // 2)
    rows = {}
    for person in people:
        me = Client(world.handler, person)
        times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60)}
        found = []
        for minutes in (10, 12):
            event = world.plan(me, **times, reminder_minutes=[minutes])
            world.pass_time(event, minutes=29)
            found += [row["id"] for row in world.outbox(event, "event_reminder")]
        rows[person["sub"]] = found

    results = world.race(
        people, jittered(calls("DELETE", "/v1/me"), 31), jittered(deliveries(world, rows), 32)
    )

    assert {(status, tuple(failed)) for (status, _), failed in results} == {(204, ())}
    states = world.query(
        "SELECT delivered_at, cancelled_at, written FROM outbox WHERE id = ANY (CAST(:ids AS uuid[]))",
        ids=[row for found in rows.values() for row in found],
    )
    assert all((row["delivered_at"] is None) != (row["cancelled_at"] is None) for row in states)
    world.take_steps()
    assert count_notifications(world, ids(people)) == 0
