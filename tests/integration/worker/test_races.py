"""Several workers at once, on the same messages: each with an engine of its own, in threads."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from uuid import UUID

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_worker.handler import Handler, make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.stage import (
    LambdaContext,
    RecordingQueue,
    add_row,
    add_users,
    failed_ids,
    query,
    sqs_event,
)
from sqlalchemy import Connection, Engine, text

_ROUNDS = 300
_ROWS = 10


@pytest.fixture
def workers(database_url: str) -> Iterator[list[Handler]]:
    with _workers(database_url, 3) as handlers:
        yield handlers


@contextmanager
def _session(database_url: str) -> Iterator[Connection]:
    """A transaction beside the workers, which commits at the end of the block."""
    engine = make_engine(database_url, timeout_seconds=10, application_name="beside")
    try:
        with transaction(engine) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _workers(database_url: str, count: int) -> Iterator[list[Handler]]:
    engines = [
        make_engine(database_url, timeout_seconds=10, application_name=f"worker-{number}")
        for number in range(count)
    ]
    try:
        yield [make_handler(WorkerSettings(database_url=""), engine, RecordingQueue()) for engine in engines]
    finally:
        for engine in engines:
            engine.dispose()


def _deliver_at_once(workers: Sequence[Handler], batches: Sequence[Sequence[UUID]]) -> list[list[str]]:
    barrier = Barrier(len(workers), timeout=30)

    def work(handler: Handler, batch: Sequence[UUID]) -> list[str]:
        barrier.wait()
        return failed_ids(handler(sqs_event(*batch), LambdaContext()))

    with ThreadPoolExecutor(len(workers)) as pool:
        return list(pool.map(work, workers, batches))


def test_overlapping_batches_in_any_order_deliver_once_and_never_deadlock(
    engine: Engine, workers: list[Handler]
) -> None:
    users = add_users(engine, 3)
    shuffle = random.Random(7)
    deadlocks_before = _count_deadlocks(engine)
    for _ in range(_ROUNDS):
        rows = [add_row(engine, users) for _ in range(_ROWS)]
        batches = [shuffle.sample(rows, k=shuffle.randint(_ROWS // 2, _ROWS)) for _ in workers]
        batches[0] = shuffle.sample(rows, k=_ROWS)
        assert _deliver_at_once(workers, batches) == [[]] * len(workers)
    assert query(engine, "SELECT count(*), count(DISTINCT (user_id, id)) FROM notifications") == [
        (_ROUNDS * _ROWS * 3, _ROUNDS * _ROWS * 3)
    ]
    assert query(engine, "SELECT count(*) FROM outbox WHERE delivered_at IS NULL OR written <> 3") == [(0,)]
    # A deadlock would be repaired by the second try and so stay unseen in the responses.
    assert _count_deadlocks(engine) == deadlocks_before


def test_a_worker_waits_for_the_one_before_it_and_then_finds_the_row_delivered(
    engine: Engine, database_url: str, workers: list[Handler]
) -> None:
    row = add_row(engine, add_users(engine, 2))
    with ThreadPoolExecutor(1) as pool:
        with _session(database_url) as connection:
            connection.execute(text("SELECT id FROM outbox WHERE id = :id FOR UPDATE"), {"id": row})
            waiting = pool.submit(workers[0], sqs_event(row), LambdaContext())
            _wait_until_blocked(engine)
            connection.execute(text("UPDATE outbox SET delivered_at = now(), written = 2"))
        assert failed_ids(waiting.result(timeout=30)) == []
    assert query(engine, "SELECT count(*) FROM notifications") == [(0,)]


def test_a_cancellation_that_commits_first_keeps_the_reminder_from_being_delivered(
    engine: Engine, database_url: str, workers: list[Handler]
) -> None:
    row = add_row(engine, add_users(engine, 2))
    with ThreadPoolExecutor(1) as pool:
        with _session(database_url) as connection:
            connection.execute(text("UPDATE outbox SET cancelled_at = now()"))
            waiting = pool.submit(workers[0], sqs_event(row), LambdaContext())
            _wait_until_blocked(engine)
        assert failed_ids(waiting.result(timeout=30)) == []
    assert query(engine, "SELECT count(*) FROM notifications") == [(0,)]
    assert query(engine, "SELECT delivered_at FROM outbox") == [(None,)]


def _count_deadlocks(engine: Engine) -> int:
    # Sessions report with a delay; this makes them report before the look.
    query(engine, "SELECT pg_stat_force_next_flush()")
    count: int = query(engine, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[
        0
    ][0]
    return count


def _wait_until_blocked(engine: Engine) -> None:
    for _ in range(2_000):
        if query(engine, "SELECT pid FROM pg_locks WHERE NOT granted"):
            return
        query(engine, "SELECT pg_sleep(0.005)")
    raise AssertionError("no worker came to wait for the lock")
