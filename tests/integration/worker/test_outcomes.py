"""Messages that find nothing to do: acknowledged, counted, without effect."""

import json
from collections.abc import Callable
from uuid import uuid4

from integration.worker.conftest import Deliver
from integration.worker.stage import (
    PAYLOAD,
    add_row,
    add_user,
    count_notifications,
    failed_ids,
    inboxes,
    query,
    sqs_event,
)
from sqlalchemy import Engine

type Metrics = Callable[[], dict[str, float]]


def test_a_message_delivered_twice_notifies_nobody_twice(
    engine: Engine, deliver: Deliver, metrics: Metrics
) -> None:
    row = add_row(engine, [add_user(engine)])
    for _ in range(3):
        assert failed_ids(deliver(sqs_event(row))) == []
    assert count_notifications(engine) == 1
    counted = metrics()
    assert (counted["NotificationsWritten"], counted["DuplicatesSuppressed"]) == (1, 2)


def test_two_messages_for_one_row_in_one_batch_are_one_delivery_and_one_duplicate(
    engine: Engine, deliver: Deliver, metrics: Metrics
) -> None:
    row = add_row(engine, [add_user(engine)])
    assert failed_ids(deliver(sqs_event(row, row))) == []
    assert count_notifications(engine) == 1
    counted = metrics()
    assert (counted["NotificationsWritten"], counted["DuplicatesSuppressed"]) == (1, 1)


def test_a_message_before_its_time_does_nothing_and_the_row_stays_owed(
    engine: Engine, deliver: Deliver
) -> None:
    row = add_row(engine, [add_user(engine)], due_in=30)
    assert failed_ids(deliver(sqs_event(row))) == []
    assert count_notifications(engine) == 0
    query(engine, "UPDATE outbox SET due_at = now()")
    deliver(sqs_event(row))
    assert count_notifications(engine) == 1


def test_a_cancelled_row_is_acknowledged_and_never_delivered(engine: Engine, deliver: Deliver) -> None:
    row = add_row(engine, [add_user(engine)], cancelled=True)
    assert failed_ids(deliver(sqs_event(row))) == []
    assert count_notifications(engine) == 0
    assert query(engine, "SELECT delivered_at FROM outbox") == [(None,)]


def test_a_row_that_is_gone_is_acknowledged(engine: Engine, deliver: Deliver) -> None:
    assert failed_ids(deliver(sqs_event(uuid4()))) == []


def test_idle_messages_do_not_keep_their_neighbours_from_delivery(
    engine: Engine, deliver: Deliver, logs: Callable[[], str], metrics: Metrics
) -> None:
    users = [add_user(engine) for _ in range(2)]
    done, early, cancelled, owed = (
        add_row(engine, [users[0]]),
        add_row(engine, users, due_in=30),
        add_row(engine, users, cancelled=True),
        add_row(engine, [users[1]]),
    )
    gone = uuid4()
    deliver(sqs_event(done))
    metrics()

    assert failed_ids(deliver(sqs_event(done, early, cancelled, gone, owed))) == []

    assert {user: len(messages) for user, messages in inboxes(engine).items()} == dict.fromkeys(users, 1)
    assert metrics()["DuplicatesSuppressed"] == 1
    # The first record of `done` is of its delivery.
    records = [json.loads(line) for line in logs().splitlines()][-5:]
    assert {record["outbox_id"]: record["message"] for record in records} == {
        str(done): "duplicate",
        str(early): "early",
        str(cancelled): "cancelled",
        str(gone): "missing",
        str(owed): "delivered",
    }


def test_the_latency_runs_from_when_the_row_was_due(
    engine: Engine, deliver: Deliver, metrics: Metrics
) -> None:
    deliver(sqs_event(add_row(engine, [add_user(engine)], due_in=-1000)))
    counted = metrics()
    assert 1_000_000 <= counted["DeliveryLatencyMs"] < 1_060_000
    assert counted["DbConnectMs"] > 0


def test_notifications_that_are_there_already_are_left_as_they_are(engine: Engine, deliver: Deliver) -> None:
    first, second = add_user(engine), add_user(engine)
    row, neighbour = add_row(engine, [first, second]), add_row(engine, [first])
    query(
        engine,
        "INSERT INTO notifications SELECT :user, :row, :row, 'event_invited', 'T', 'M', NULL, now(), now()",
        user=first,
        row=row,
    )
    assert failed_ids(deliver(sqs_event(row, neighbour))) == []
    assert {user: len(messages) for user, messages in inboxes(engine).items()} == {first: 2, second: 1}
    assert inboxes(engine)[first][0] == "M"


def test_logs_tell_the_ids_and_nothing_that_somebody_typed(
    engine: Engine, deliver: Deliver, logs: Callable[[], str]
) -> None:
    actor = add_user(engine, full_name="Secret Name", email="secret@example.org")
    payload = PAYLOAD | {"title": "Secret title", "actor_id": str(actor)}
    good = add_row(engine, [add_user(engine)], payload=payload)
    bad = add_row(engine, [add_user(engine)], payload=payload | {"starts_at": "Secret start"})
    deliver(sqs_event(good, bad, "Secret body"))
    assert str(good) in logs()
    assert str(bad) in logs()
    assert "correlation-1" in logs()
    assert "secret" not in logs().lower()
