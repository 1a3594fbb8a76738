"""Retention removes a bounded number of rows at each tick of the relay, and never an undelivered one."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from convoke.database.driver import number_parameters
from convoke_relay.handler import make_handler as make_relay
from convoke_relay.retention import Removed, Retention, remove_expired
from convoke_relay.settings import RelaySettings
from integration.changes.races import calls
from integration.changes.world import EVENT_BODY, World, kinds
from integration.relay.stage import InMemoryQueue
from integration.worker.stage import LambdaContext
from sqlalchemy import Engine, event
from support.logs import captured_logs

KEPT = Retention(outbox_days=35, notification_days=180)
STEP = 1_000


@pytest.fixture
def step(own_world: World) -> Callable[[], Removed]:
    """Removes what one tick does."""
    engine = own_world.make_engine()
    return lambda: remove_expired(engine, KEPT)


def add_rows(world: World, number: int, days: float, ended: str = "delivered_at") -> None:
    """Outbox rows of changes so many days ago, which ended as the column says a moment later."""
    column, value = (f", {ended}", ", at + interval '1 second'") if ended else ("", "")
    world.query(
        f"""
        INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id,
                            created_at, due_at, next_attempt_at{column})
        SELECT uuid7_at(at), gen_random_uuid(), 'event_invited', '{{}}', '{{}}', 'c', at, at, at{value}
        FROM generate_series(1, :number), LATERAL (SELECT now() - make_interval(secs => :age) AS at) AS fact
        """,
        number=number,
        age=days * 86_400,
    )


def add_notifications(world: World, user_id: str, number: int, days: float, read_days: float | None) -> None:
    """Notifications written so many days ago, and read so many days ago or not at all."""
    world.query(
        """
        INSERT INTO notifications
            (user_id, id, event_id, type, title, message, created_at, written_at, read_at)
        SELECT :user_id, uuid7_at(at), gen_random_uuid(), 'event_invited', 't', 'm', at, at,
               now() - make_interval(secs => :read_age)
        FROM generate_series(1, :number), LATERAL (SELECT now() - make_interval(secs => :age) AS at) AS fact
        """,
        user_id=user_id,
        number=number,
        age=days * 86_400,
        read_age=None if read_days is None else read_days * 86_400,
    )


def count(world: World, table: str) -> int:
    return int(world.query(f"SELECT count(*) AS n FROM {table}")[0]["n"])


@pytest.mark.parametrize(
    ("days", "ended", "goes"),
    [
        (36, "delivered_at", True),
        (36, "cancelled_at", True),
        (34.9, "delivered_at", False),
        (34.9, "cancelled_at", False),
        # What is owed stays for ever: undelivered, and given up until somebody sees to it.
        (400, "", False),
        (400, "failed_at", False),
    ],
)
def test_an_outbox_row_goes_35_days_after_its_end_and_never_before_it(
    own_world: World, step: Callable[[], Removed], days: float, ended: str, goes: bool
) -> None:
    add_rows(own_world, 2, days, ended)
    assert step() == Removed(outbox_rows=2 if goes else 0)
    assert count(own_world, "outbox") == (0 if goes else 2)


def test_an_old_change_that_was_delivered_late_stays_as_long_as_a_young_one(
    own_world: World, step: Callable[[], Removed]
) -> None:
    add_rows(own_world, 1, 400, "")
    own_world.query("UPDATE outbox SET delivered_at = now() - interval '34 days'")
    assert step() == Removed()
    own_world.query("UPDATE outbox SET delivered_at = now() - interval '36 days'")
    assert step() == Removed(outbox_rows=1)


def test_a_message_for_a_row_that_is_gone_is_acknowledged(
    own_world: World, step: Callable[[], Removed]
) -> None:
    add_rows(own_world, 1, 36)
    (row,) = own_world.query("SELECT id FROM outbox")
    step()
    assert own_world.work([row["id"]]) == []
    assert count(own_world, "notifications") == 0


@pytest.mark.parametrize(
    ("days", "read_days", "goes"),
    [(400, 181, True), (400, 179, False), (179, 1, False), (400, None, False), (181, 181, True)],
)
def test_a_notification_goes_a_while_after_it_was_read_and_never_unread(
    own_world: World, step: Callable[[], Removed], days: float, read_days: float | None, goes: bool
) -> None:
    (user,) = own_world.people(1)
    add_notifications(own_world, user, 2, days, read_days)
    assert step() == Removed(read_notifications=2 if goes else 0)
    assert count(own_world, "notifications") == (0 if goes else 2)


def test_everybody_has_a_turn_at_once_while_they_are_few(
    own_world: World, step: Callable[[], Removed]
) -> None:
    people = own_world.people(20)
    # Somebody at the very beginning of the key, and somebody at its very end.
    for user, other in ((people[0], "00000000-0000-4000-8000-000000000000"), (people[-1], "f" * 32)):
        own_world.query("UPDATE users SET id = CAST(:other AS uuid) WHERE id = :user", user=user, other=other)
    for user in own_world.query("SELECT id FROM users"):
        add_notifications(own_world, str(user["id"]), 1, 400, 200)
    assert step().read_notifications == 20


def test_in_the_end_everybody_among_many_has_had_a_turn(
    own_world: World, step: Callable[[], Removed]
) -> None:
    own_world.people(1_000)
    own_world.query(
        """
        INSERT INTO notifications
            (user_id, id, event_id, type, title, message, created_at, written_at, read_at)
        SELECT id, uuid7_at(at), id, 'event_invited', 't', 'm', at, at, at
        FROM users, (SELECT now() - interval '200 days' AS at) AS fact
        """
    )
    # Each tick takes a fifth of them: after a hundred, one left out is no chance.
    removed = [step().read_notifications for _ in range(100)]
    assert max(removed) <= 200
    assert sum(removed) == 1_000


def test_an_idempotency_record_goes_after_a_day(own_world: World, step: Callable[[], Removed]) -> None:
    anna = own_world.person("anna")
    for key in ("old", "new"):
        anna.post("/v1/events", EVENT_BODY, headers={"idempotency-key": key})
    own_world.query(
        "UPDATE idempotency_records SET created_at = now() - interval '24.1 hours' WHERE key = 'old'"
    )
    assert step() == Removed(idempotency_records=1)
    assert [row["key"] for row in own_world.query("SELECT key FROM idempotency_records")] == ["new"]


def test_a_step_is_bounded_and_the_next_one_goes_on(own_world: World, step: Callable[[], Removed]) -> None:
    (user,) = own_world.people(1)
    add_rows(own_world, 2 * STEP + 500, 40)
    add_notifications(own_world, user, 2 * STEP + 500, 400, 200)
    own_world.query(
        "INSERT INTO idempotency_records (user_id, scope, key, request_hash, status, created_at)"
        " SELECT :user, 'POST /', n, '', 201, now() - interval '2 days'"
        " FROM generate_series(1, :number) AS n",
        user=user,
        number=2 * STEP + 500,
    )
    for expected in (STEP, STEP, 500, 0):
        assert step() == Removed(
            outbox_rows=expected, read_notifications=expected, idempotency_records=expected
        )


def test_what_is_held_by_somebody_else_is_left_and_waited_for_by_nobody(
    own_world: World, step: Callable[[], Removed]
) -> None:
    (user,) = own_world.people(1)
    add_rows(own_world, 3, 40)
    add_notifications(own_world, user, 3, 400, 200)
    with (
        own_world.held("SELECT FROM outbox ORDER BY id LIMIT 1 FOR UPDATE"),
        own_world.held("SELECT FROM notifications ORDER BY id LIMIT 1 FOR UPDATE"),
    ):
        assert step() == Removed(outbox_rows=2, read_notifications=2)
    assert step() == Removed(outbox_rows=1, read_notifications=1)


def capture(engine: Engine) -> list[tuple[str, Any]]:
    """The statements that the engine executes from here on, with their values."""
    statements: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    return statements


def test_no_step_scans_a_table(own_world: World) -> None:
    users = own_world.people(2_000)
    # Large enough for an index to be worth it: 200 people's places in it against the whole table. A few rows
    # a page: what counts is the pages, and 500,000 rows take longer to write than a statement may.
    add_rows(own_world, 20_000, 1)
    own_world.query("ALTER TABLE notifications SET (fillfactor = 10)")
    for _ in range(5):
        add_notifications(own_world, users[0], 10_000, 1, 0.5)
    own_world.query(
        "INSERT INTO notifications (user_id, id, event_id, type, title, message, created_at, written_at)"
        " SELECT id, uuid7_at(now()), id, 'event_invited', 't', 'm', now(), now() FROM users"
    )
    own_world.query(
        "INSERT INTO idempotency_records (user_id, scope, key, request_hash, status)"
        " SELECT gen_random_uuid(), 'POST /', n, '', 201 FROM generate_series(1, 10000) AS n"
    )
    own_world.query("ANALYZE")
    engine = own_world.make_engine()
    statements = capture(engine)
    assert remove_expired(engine, KEPT) == Removed()

    assert len(statements) == 3
    with own_world.make_engine().connect() as connection:
        for number, (statement, parameters) in enumerate(statements):
            # The plan for all values, which is what runs (ADR 0035).
            connection.exec_driver_sql(f"PREPARE step_{number} AS {number_parameters(statement)}")
            values = f"({', '.join(map(str, parameters))})" if parameters else ""
            plan = connection.exec_driver_sql(f"EXPLAIN EXECUTE step_{number} {values}").scalars().all()
            # A day's keys are few, and a thousand lookups dearer than all of them.
            scanned = [line for line in plan if "Seq Scan" in line and "idempotency_records" not in line]
            assert scanned == [], "\n".join(plan)


def test_removing_during_load_loses_nothing_and_fails_nobody(own_world: World) -> None:
    anna, boris = own_world.person("anna"), own_world.person("boris")
    add_rows(own_world, 3 * STEP, 40)
    rounds, engine = range(60), own_world.make_engine()
    work = own_world.make_worker()

    def deliver_owed(_each: int) -> list[str]:
        owed = own_world.query("SELECT id FROM outbox WHERE delivered_at IS NULL LIMIT 10")
        return work([row["id"] for row in owed]) if owed else []

    results = own_world.race(
        rounds,
        calls("POST", "/v1/events", {**EVENT_BODY, "participant_ids": [boris.id]}, person=anna),
        lambda _handler: deliver_owed,
        lambda _handler: lambda _each: remove_expired(engine, KEPT),
    )

    assert {(created, tuple(failed)) for (created, _), failed, _ in results} == {(201, ())}
    assert sum(removed.outbox_rows for _, _, removed in results) == 3 * STEP
    while own_world.query("SELECT 1 FROM outbox WHERE delivered_at IS NULL"):
        assert deliver_owed(0) == []
    assert kinds(boris) == ["event_invited"] * len(rounds)


def test_a_tick_of_the_relay_that_can_remove_nothing_sends_and_is_counted_all_the_same(
    own_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    anna, boris = own_world.person("anna"), own_world.person("boris")
    own_world.plan(anna, boris)
    own_world.query(
        "UPDATE outbox SET due_at = now() - interval '1 hour', next_attempt_at = now() - interval '1 s'"
    )
    add_rows(own_world, 1, 40)
    own_world.query(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '57014'; END $$
        """
    )
    own_world.query("CREATE TRIGGER refuse BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()")
    queue = InMemoryQueue()
    tick = make_relay(RelaySettings(own_world.database_url), own_world.make_engine(), queue)
    capsys.readouterr()

    with captured_logs("outbox-relay") as logs:
        report = tick({}, LambdaContext())

    assert (report["sent"], len(queue.sent)) == (1, 1)
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["RelayRuns"] for line in metrics if "RelayRuns" in line] == [[1.0]]
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    (failure,) = (line for line in lines if line["level"] == "ERROR")
    assert failure["sqlstate"] == "57014"
    own_world.query("DROP FUNCTION refuse CASCADE")
    assert tick({}, LambdaContext())["removed"]["outbox_rows"] == 1


def test_a_tick_keeps_things_as_long_as_the_settings_say(own_world: World) -> None:
    anna = own_world.person("anna")
    add_rows(own_world, 1, 36)
    add_rows(own_world, 1, 51)
    add_notifications(own_world, anna.id, 1, 20, 9)
    add_notifications(own_world, anna.id, 1, 20, 11)
    settings = RelaySettings(own_world.database_url, outbox_retention_days=50, notification_retention_days=10)
    tick = make_relay(settings, own_world.make_engine(), InMemoryQueue())
    removed = tick({}, LambdaContext())["removed"]
    assert (removed["outbox_rows"], removed["read_notifications"]) == (1, 1)
