"""Messages that cannot be delivered: they fail alone, come back, and are given up with a reason."""

import json
from collections.abc import Callable

import pytest
from convoke.database.engine import make_engine
from convoke_worker.handler import make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.conftest import Deliver
from integration.worker.stage import (
    PAYLOAD,
    LambdaContext,
    RecordingQueue,
    add_row,
    add_user,
    body_for,
    count_notifications,
    failed_ids,
    query,
    sqs_event,
)
from sqlalchemy import Engine

type Metrics = Callable[[], dict[str, float]]

POISONOUS_ROWS = {
    "unknown type": {"type_": "event_exploded"},
    "unknown version": {"payload": PAYLOAD | {"version": 2}},
    "payload is no object": {"payload": ["surprise"]},
    "no title": {"payload": PAYLOAD | {"title": None}},
    "no instant": {"payload": PAYLOAD | {"starts_at": "tomorrow"}},
    "naive instant": {"payload": PAYLOAD | {"ends_at": "2026-03-05T12:30:00"}},
    "unknown zone": {"payload": PAYLOAD | {"all_day": True, "time_zone": "Mars/Olympus"}},
    "actor is no id": {"payload": PAYLOAD | {"actor_id": "somebody"}},
    "update without changes": {"type_": "event_updated"},
    "answer without answer": {"type_": "participant_responded"},
}
POISONOUS_BODIES = {
    "empty": "",
    "no json": "{",
    "no object": "[1]",
    "newer schema": json.dumps({"schema": 2, "outbox_id": "x", "event_id": "x", "type": "x"}),
    "no id": json.dumps({"schema": 1, "outbox_id": "7", "event_id": "7", "type": "event_invited"}),
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("poison", POISONOUS_ROWS)
def test_a_row_that_cannot_be_put_into_words_fails_alone(
    engine: Engine, deliver: Deliver, metrics: Metrics, poison: str
) -> None:
    users = [add_user(engine) for _ in range(3)]
    good = [add_row(engine, users) for _ in range(3)]
    bad = add_row(engine, users, **POISONOUS_ROWS[poison])

    assert failed_ids(deliver(sqs_event(good[0], bad, *good[1:]))) == ["m1"]

    assert count_notifications(engine) == 9
    assert query(engine, "SELECT delivered_at, failed_at FROM outbox WHERE id = :id", id=bad) == [
        (None, None)
    ]
    counted = metrics()
    assert (counted["PoisonRejected"], counted["NotificationsWritten"]) == (1, 9)


@pytest.mark.parametrize("poison", POISONOUS_BODIES)
def test_a_body_that_cannot_be_read_fails_alone(
    engine: Engine, deliver: Deliver, queue: RecordingQueue, metrics: Metrics, poison: str
) -> None:
    rows = [add_row(engine, [add_user(engine)]) for _ in range(2)]
    assert failed_ids(deliver(sqs_event(rows[0], POISONOUS_BODIES[poison], rows[1]))) == ["m1"]
    assert count_notifications(engine) == 2
    assert [receipt for receipt, _ in queue.postponed] == ["receipt-1"]
    assert metrics()["PoisonRejected"] == 1


def test_a_row_that_the_database_refuses_fails_alone(
    engine: Engine, deliver: Deliver, metrics: Metrics
) -> None:
    user = add_user(engine)
    bad, good = add_row(engine, [user]), add_row(engine, [user])
    query(
        engine,
        f"ALTER TABLE notifications ADD CONSTRAINT unlucky CHECK (id <> '{bad}')",
    )
    assert failed_ids(deliver(sqs_event(bad, good))) == ["m0"]
    assert count_notifications(engine) == 1
    assert metrics()["DeliveryFailed"] == 1


def test_a_failed_message_comes_back_after_a_growing_delay(
    engine: Engine, deliver: Deliver, queue: RecordingQueue
) -> None:
    row = add_row(engine, [add_user(engine)], payload={})
    for receive_count in (1, 2, 3, 4):
        deliver(sqs_event(row, receive_count=receive_count))
    delays = [seconds for _, seconds in queue.postponed]
    assert delays == sorted(delays)
    assert 0 < delays[0] <= 5
    assert 160 <= delays[3] <= 320


def test_a_message_that_nobody_has_counted_comes_back_as_after_its_first_receive(
    engine: Engine, deliver: Deliver, queue: RecordingQueue
) -> None:
    event = sqs_event(add_row(engine, [add_user(engine)], payload={}))
    del event["Records"][0]["attributes"]["ApproximateReceiveCount"]
    assert failed_ids(deliver(event)) == ["m0"]
    ((_, seconds),) = queue.postponed
    assert 0 < seconds <= 5


def test_the_last_receive_marks_the_row_as_failed_with_a_reason_and_lets_the_message_go(
    engine: Engine, deliver: Deliver, queue: RecordingQueue, logs: Callable[[], str]
) -> None:
    row = add_row(engine, [add_user(engine)], payload=PAYLOAD | {"title": "Secret", "starts_at": "Secret"})
    assert failed_ids(deliver(sqs_event(row, receive_count=5))) == ["m0"]
    assert '"message":"delivery given up"' in logs()
    assert '"message":"delivery failed"' not in logs()
    ((failed_at, failure),) = query(engine, "SELECT failed_at, failure FROM outbox")
    assert failed_at is not None
    assert failure == "the payload's starts_at is missing or not what it should be"
    assert queue.postponed == [("receipt-0", 0)]


def test_the_reason_of_a_database_error_tells_its_code_and_not_its_values(
    engine: Engine, deliver: Deliver
) -> None:
    row = add_row(engine, [add_user(engine)], payload=PAYLOAD | {"title": "Secret"})
    query(engine, "ALTER TABLE notifications ADD CONSTRAINT unlucky CHECK (message NOT LIKE '%Secret%')")
    deliver(sqs_event(row, receive_count=5))
    assert query(engine, "SELECT failure FROM outbox") == [
        ("the database refused the delivery (SQLSTATE 23514)",)
    ]


def test_a_success_after_a_failure_clears_it(engine: Engine, deliver: Deliver) -> None:
    row = add_row(engine, [add_user(engine)], payload={})
    deliver(sqs_event(row, receive_count=5))
    query(engine, "UPDATE outbox SET payload = CAST(:payload AS jsonb)", payload=json.dumps(PAYLOAD))

    assert failed_ids(deliver(sqs_event(row))) == []

    assert count_notifications(engine) == 1
    assert query(engine, "SELECT failed_at, failure, delivered_at IS NOT NULL FROM outbox") == [
        (None, None, True)
    ]


def test_a_row_that_was_delivered_or_cancelled_meanwhile_is_not_marked_as_failed(
    engine: Engine, database_url: str
) -> None:
    row = add_row(engine, [add_user(engine)], payload={})
    worker_engine = make_engine(database_url, timeout_seconds=10, application_name="worker")

    def cancel_before_the_failure_is_recorded() -> float:
        query(engine, "UPDATE outbox SET cancelled_at = now()")
        return 0.5

    handler = make_handler(
        WorkerSettings(database_url=""),
        worker_engine,
        RecordingQueue(),
        jitter=cancel_before_the_failure_is_recorded,
    )
    assert failed_ids(handler(sqs_event(row, receive_count=5), LambdaContext())) == ["m0"]
    worker_engine.dispose()
    assert query(engine, "SELECT failed_at FROM outbox") == [(None,)]


def test_an_unreadable_body_on_its_last_receive_marks_no_row(engine: Engine, deliver: Deliver) -> None:
    row = add_row(engine, [add_user(engine)])
    newer = body_for(row).replace('"schema":1', '"schema":2')
    assert failed_ids(deliver(sqs_event(newer, receive_count=5))) == ["m0"]
    assert query(engine, "SELECT failed_at FROM outbox") == [(None,)]
