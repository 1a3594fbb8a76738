"""A database that is away: nothing is blamed on the rows, and nothing is lost."""

import gc
from collections.abc import Callable, Iterator

import pytest
from convoke.database.engine import make_engine
from convoke_worker.handler import make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.conftest import Deliver
from integration.worker.stage import (
    LambdaContext,
    RecordingQueue,
    add_row,
    add_user,
    count_notifications,
    failed_ids,
    query,
    sqs_event,
)
from sqlalchemy import Engine, event

type Metrics = Callable[[], dict[str, float]]

# pg8000 leaves unsent bytes in the buffer of a socket that the server has closed; Python says so when the
# buffer is collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Collects dead connections within the test that made them."""
    yield
    gc.collect()


def _terminate(engine: Engine) -> None:
    query(
        engine,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'worker'",
    )


def test_while_the_database_is_away_every_message_comes_back_later(engine: Engine, metrics: Metrics) -> None:
    rows = [add_row(engine, [add_user(engine)]) for _ in range(3)]
    nowhere = make_engine(
        "postgresql://nobody@127.0.0.1:1/none", timeout_seconds=2, application_name="worker"
    )
    queue = RecordingQueue()
    handler = make_handler(WorkerSettings(database_url=""), nowhere, queue)
    for receive_count in (1, 5):
        response = handler(sqs_event(*rows, receive_count=receive_count), LambdaContext())
        assert failed_ids(response) == ["m0", "m1", "m2"]
    assert len(queue.postponed) == 6
    counted = metrics()
    assert (counted["DeliveryFailed"], counted["PoisonRejected"]) == (6, 0)
    # On the last receive too: the rows stay owed, and the relay sends them when the database is back.
    assert query(engine, "SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL") == [(0,)]


def test_a_connection_that_died_between_two_batches_costs_nobody_a_retry(
    engine: Engine, database_url: str
) -> None:
    worker_engine = make_engine(database_url, timeout_seconds=10, application_name="worker")
    queue = RecordingQueue()
    handler = make_handler(WorkerSettings(database_url=""), worker_engine, queue)
    for number in range(3):
        row = add_row(engine, [add_user(engine)])
        assert failed_ids(handler(sqs_event(row), LambdaContext())) == []
        assert count_notifications(engine) == number + 1
        _terminate(engine)
    worker_engine.dispose()
    assert queue.postponed == []


def test_a_connection_that_dies_within_the_delivery_is_made_anew(engine: Engine, database_url: str) -> None:
    worker_engine = make_engine(database_url, timeout_seconds=10, application_name="worker")
    handler = make_handler(WorkerSettings(database_url=""), worker_engine, RecordingQueue())
    rows = [add_row(engine, [add_user(engine)]) for _ in range(3)]
    claims = 0

    @event.listens_for(worker_engine, "before_cursor_execute")
    def cut_at_the_first_claim(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal claims
        if "INSERT INTO notifications" in statement:
            claims += 1
            if claims == 1:
                _terminate(engine)

    assert failed_ids(handler(sqs_event(*rows), LambdaContext())) == []
    worker_engine.dispose()
    assert claims == 2
    assert count_notifications(engine) == 3


def test_a_row_is_not_blamed_for_a_connection_that_dies_on_the_last_receive(
    engine: Engine, database_url: str
) -> None:
    worker_engine = make_engine(database_url, timeout_seconds=10, application_name="worker")
    handler = make_handler(WorkerSettings(database_url=""), worker_engine, RecordingQueue())
    row = add_row(engine, [add_user(engine)])

    @event.listens_for(worker_engine, "before_cursor_execute")
    def cut_at_each_claim(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO notifications" in statement:
            _terminate(engine)

    assert failed_ids(handler(sqs_event(row, receive_count=5), LambdaContext())) == ["m0"]
    worker_engine.dispose()
    assert query(engine, "SELECT failed_at, delivered_at FROM outbox") == [(None, None)]


def test_a_batch_that_failed_leaves_the_connection_fit_for_the_next(engine: Engine, deliver: Deliver) -> None:
    for _ in range(3):
        bad, good = add_row(engine, [], payload={"version": 9}), add_row(engine, [add_user(engine)])
        assert failed_ids(deliver(sqs_event(bad, good))) == ["m0"]
    assert count_notifications(engine) == 3
