"""A person whom others have flooded: the person's requests end soon, and the rest follows in steps.

By default a little more than one step. `CONVOKE_FLOOD=2000000 pytest -s` measures the size of the goal.
"""

import os
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from convoke_relay.handler import make_handler as make_relay
from convoke_relay.settings import RelaySettings
from convoke_relay.steps import Steps
from convoke_relay.steps import take_steps as take_steps_of_relay
from integration.api.client import Client, Response
from integration.changes.world import World, from_now
from integration.relay.stage import InMemoryQueue
from integration.worker.stage import LambdaContext

FLOOD = int(os.environ.get("CONVOKE_FLOOD", "12000"))
EVENTS = max(450, FLOOD // 100)


def flood(world: World, person: Client, number: int, *, age: str = "1 hour") -> None:
    """So many unread notifications of the person, a microsecond after the other, written an `age` ago."""
    user_id = person.id
    for start in range(0, number, 50_000):
        world.query(
            """
            INSERT INTO notifications (user_id, id, event_id, type, title, message, created_at, written_at)
            SELECT :user_id, uuid7_at(at), gen_random_uuid(), 'event_updated', 'title', repeat('m', 150),
                   at, at
            FROM generate_series(1, :number) AS n,
                 LATERAL (SELECT now() - CAST(:age AS interval) + n * interval '1 microsecond' AS at) AS fact
            """,
            user_id=user_id,
            number=min(50_000, number - start),
            age=age,
        )
    world.query("ANALYZE notifications")


def timed(name: str, call: Callable[[], Response]) -> Response:
    """The response of a call; its time is printed for runs by hand."""
    started = time.perf_counter()
    response = call()
    print(f"{name}: {time.perf_counter() - started:.2f} s")
    return response


def take_steps(world: World) -> None:
    """Take steps as the relay does, in ticks of 20 seconds."""
    started, ticks = time.perf_counter(), 0
    while world.query(
        "SELECT 1 FROM read_marks UNION ALL SELECT 1 FROM erasures WHERE next_step_at <= now()"
    ):
        ticks += 1
        steps = world.take_steps(due=False, seconds=20)
        print(f"tick {ticks}: {steps}, {time.perf_counter() - started:.1f} s")
        assert ticks < 100


def unread(person: Client) -> tuple[int, list[str], int]:
    """The unread count, the ids of the first unread ones, and how many unread ones a page of all shows."""
    count = timed("unread-count", lambda: person.get("/v1/notifications/unread-count")).json["unread_count"]
    page = timed("list unread", lambda: person.get("/v1/notifications?unread=true")).json
    everything = timed("list", lambda: person.get("/v1/notifications?limit=100")).json
    assert page["unread_count"] == everything["unread_count"] == count
    return count, [it["id"] for it in page["items"]], sum(not it["read_at"] for it in everything["items"])


@pytest.fixture
def flooded(own_world: World) -> Client:
    """A person with a flood of unread notifications."""
    person = own_world.person("flooded")
    flood(own_world, person, FLOOD)
    return person


def physically_unread(world: World) -> int:
    (row,) = world.query("SELECT count(*) AS n FROM notifications WHERE read_at IS NULL")
    return int(row["n"])


def test_a_flood_is_read_at_once_and_its_rows_follow(own_world: World, flooded: Client) -> None:
    anna = own_world.person("anna")
    assert unread(flooded)[0] == 100

    response = timed("read-all", lambda: flooded.post("/v1/notifications/read-all"))

    assert (response.status, response.json) == (200, {"updated": FLOOD})
    assert unread(flooded) == (0, [], 0)
    assert physically_unread(own_world) == FLOOD - 10_000
    read = flooded.get("/v1/notifications?unread=false&limit=100").json["items"]
    assert len(read) == 100
    assert all(it["read_at"] for it in read)
    # What is written later is unread, before and after the rows have followed.
    own_world.deliver(own_world.plan(anna, flooded))
    later = unread(flooded)
    assert (later[0], len(later[1]), later[2]) == (1, 1, 1)
    take_steps(own_world)
    assert physically_unread(own_world) == 1
    assert unread(flooded) == later
    assert own_world.query("SELECT FROM read_marks") == []
    assert flooded.post("/v1/notifications/read-all").json == {"updated": 1}


def test_one_of_a_flood_that_is_marked_as_unread_stays_so(own_world: World, flooded: Client) -> None:
    assert flooded.post("/v1/notifications/read-all").status == 200
    newest = flooded.get("/v1/notifications").json["items"][0]
    path = f"/v1/notifications/{newest['id']}"
    assert flooded.patch(path, {"read": True}).json == newest

    assert flooded.patch(path, {"read": False}).json["read_at"] is None

    assert unread(flooded) == (1, [newest["id"]], 1)
    take_steps(own_world)
    assert unread(flooded) == (1, [newest["id"]], 1)
    assert flooded.post("/v1/notifications/read-all").json == {"updated": 1}


def test_of_a_flood_only_what_was_written_before_an_instant_is_read(
    own_world: World, flooded: Client
) -> None:
    flood(own_world, flooded, 7, age="10 minutes")
    flood(own_world, flooded, 5, age="0 minutes")

    response = flooded.post("/v1/notifications/read-all", {"before": from_now(minutes=-5)})
    assert response.json == {"updated": FLOOD + 7}
    assert unread(flooded)[0] == 5
    # Less than a minute old: a delivery beside this might still commit what it wrote before that.
    assert flooded.post("/v1/notifications/read-all").json == {"updated": 5}
    assert unread(flooded) == (0, [], 0)
    take_steps(own_world)
    assert physically_unread(own_world) == 0


def test_a_delivery_under_way_at_a_read_all_of_a_flood_stays_unread(
    own_world: World, flooded: Client
) -> None:
    event_id = str(uuid4())
    writing = """
        INSERT INTO notifications (user_id, id, event_id, type, title, message, created_at, written_at)
        SELECT :id, uuid7_at(now()), :event_id, 'event_updated', 't', 'm', now(), clock_timestamp()
    """
    with own_world.held(writing, id=flooded.id, event_id=event_id):
        assert flooded.post("/v1/notifications/read-all").json == {"updated": FLOOD}

    take_steps(own_world)
    assert unread(flooded)[0] == 1
    (shown,) = flooded.get("/v1/notifications?unread=true").json["items"]
    assert shown["event_id"] == event_id


def test_a_flooded_person_is_erased_at_once_and_the_rows_follow(own_world: World, flooded: Client) -> None:
    guest = own_world.person("guest")
    own_world.query("UPDATE users SET full_name = 'Zinaida' WHERE id = :id", id=flooded.id)
    times = {"starts_at": from_now(days=1), "ends_at": from_now(days=1, hours=1), "reminder_minutes": [5]}
    event = own_world.plan(flooded, guest, **times)
    started = "now() - interval '2 hours' + n * interval '1 minute'"
    own_world.query(
        f"""
        WITH made AS (
            INSERT INTO events (id, organizer_id, title, starts_at, ends_at, all_day, time_zone, uid,
                                sequence, reminder_minutes)
            SELECT gen_random_uuid(), organizer_id, 'Title', {started}, {started} + interval '1 hour', false,
                   'UTC', n::text, 0, '{{5}}'
            FROM events, generate_series(1, :number) AS n WHERE events.id = :id
            RETURNING id, starts_at
        ), invited AS (
            INSERT INTO event_participants (event_id, user_id)
            SELECT made.id, :guest FROM made
        )
        INSERT INTO outbox (id, event_id, type, payload, correlation_id, created_at, due_at, next_attempt_at)
        SELECT uuid7_at(made.starts_at), made.id, 'event_reminder', '{{}}', 'c', now(), made.starts_at,
               made.starts_at
        FROM made
        """,
        id=event["id"],
        guest=guest.id,
        number=EVENTS,
    )
    user_id = flooded.id

    assert timed("erase", lambda: flooded.delete("/v1/me")).status == 204

    assert flooded.get("/v1/me").status == 401
    (row,) = own_world.query("SELECT count(*) AS n FROM users WHERE full_name = 'Zinaida'")
    assert row["n"] == 0
    take_steps(own_world)
    left = own_world.query(
        """
        SELECT (SELECT count(*) FROM notifications WHERE user_id = :id) AS notifications,
               count(*) FILTER (WHERE ends_at > now() AND status = 'confirmed') AS ahead,
               count(*) FILTER (WHERE ends_at < now() AND status = 'cancelled') AS behind,
               count(*) FILTER (WHERE ends_at < now() AND status = 'confirmed') AS kept,
               (SELECT count(*) FROM outbox WHERE type = 'event_reminder' AND cancelled_at IS NULL
                AND due_at > now()) AS reminders,
               (SELECT count(*) FROM outbox WHERE type = 'event_cancelled') AS waves,
               count(*) FILTER (WHERE status = 'cancelled') AS cancelled
        FROM events WHERE organizer_id = :id
        """,
        id=user_id,
    )[0]
    assert (left["notifications"], left["ahead"], left["behind"], left["reminders"]) == (0, 0, 0, 0)
    assert left["kept"] > 0
    assert left["waves"] == left["cancelled"] == EVENTS + 1 - left["kept"]


def test_an_erasure_ends_when_no_delivery_beside_it_can_write_any_more(
    own_world: World, flooded: Client
) -> None:
    user_id = flooded.id
    assert flooded.delete("/v1/me").status == 204
    take_steps(own_world)
    # It waits: a delivery that began before the erasure may still commit.
    own_world.query(
        "INSERT INTO notifications (user_id, id, event_id, type, title, message, created_at, written_at)"
        " SELECT :id, uuid7_at(now()), gen_random_uuid(), 'event_updated', 't', 'm', now(), now()",
        id=user_id,
    )
    (waiting,) = own_world.query("SELECT next_step_at > now() AS later FROM erasures")
    assert waiting["later"]

    own_world.query("UPDATE erasures SET erased_at = erased_at - interval '40 days', next_step_at = now()")
    own_world.take_steps()

    assert own_world.query("SELECT FROM erasures") == []
    assert physically_unread(own_world) == 0


def test_a_tick_whose_step_fails_says_so_and_the_next_ones_take_those_of_others(own_world: World) -> None:
    people: list[Any] = [own_world.person(f"person-{number}") for number in range(3)]
    ids = [person.id for person in people]
    for person in people:
        assert person.delete("/v1/me").status == 204
        own_world.query(
            "UPDATE erasures SET erased_at = erased_at - interval '2 hours', next_step_at = now()"
        )
    own_world.query(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF old.user_id = '{ids[0]}' THEN RAISE EXCEPTION 'no'; END IF;
            RETURN old;
        END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON erasures FOR EACH ROW EXECUTE FUNCTION refuse();
        """
    )
    tick = make_relay(RelaySettings(own_world.database_url), own_world.make_engine(), InMemoryQueue())

    reports = [tick({}, LambdaContext())["steps"]["erasures"] for _ in range(2)]

    assert sum(reports) <= 2
    (left,) = own_world.query(
        "SELECT user_id, next_step_at > now() + interval '15 minutes' AS later FROM erasures"
    )
    assert (str(left["user_id"]), left["later"]) == (ids[0], True)


def test_a_tick_takes_no_more_steps_than_it_has_time_for_and_each_is_bounded(
    own_world: World, flooded: Client
) -> None:
    other = own_world.person("other")
    flood(own_world, other, FLOOD)
    assert flooded.post("/v1/notifications/read-all").status == 200
    assert other.delete("/v1/me").status == 204
    before = rows(own_world)

    steps = take_steps_of_relay(
        own_world.make_engine(),
        recipients_per_row=own_world.settings.recipients_per_row,
        has_time=iter([True, False]).__next__,
    )

    assert steps == Steps(erasures=1, read_marks=1)
    after = rows(own_world)
    assert 0 < before["erased"] - after["erased"] <= 5_000
    assert 0 < before["unread"] - after["unread"] - (before["erased"] - after["erased"]) <= 5_000


def rows(world: World) -> dict[str, int]:
    """How many notifications erased people have, and how many are unread."""
    (row,) = world.query(
        """
        SELECT count(*) FILTER (WHERE users.erased_at IS NOT NULL) AS erased,
               count(*) FILTER (WHERE read_at IS NULL) AS unread
        FROM notifications JOIN users ON users.id = user_id
        """
    )
    return {"erased": row["erased"], "unread": row["unread"]}


def test_a_step_of_an_erasure_cancels_no_more_than_so_many_participants(own_world: World) -> None:
    person = own_world.person("organizer")
    events = [
        own_world.plan(person, starts_at=from_now(days=day), ends_at=from_now(days=day, hours=1))
        for day in (1, 2, 3)
    ]
    guests = own_world.people(15_000)
    for event in events:
        own_world.query(
            "INSERT INTO event_participants (event_id, user_id)"
            " SELECT :id, it FROM unnest(CAST(:guests AS uuid[])) AS it",
            id=event["id"],
            guests=guests,
        )

    # Two of them together have more than 20,000; each is one wave of its own, whatever its size.
    assert person.delete("/v1/me").status == 204
    assert len(own_world.outbox(events[0], "event_cancelled")) == 15
    assert own_world.outbox(events[1]) == own_world.outbox(events[2]) == []
    take_steps(own_world)
    for event in events[1:]:
        waves = own_world.outbox(event, "event_cancelled")
        assert sorted(guest for row in waves for guest in map(str, row["recipient_ids"])) == guests
        # Nobody has sent them: the relay's next tick begins with them.
        assert all(row["next_attempt_at"] == row["due_at"] for row in waves)
