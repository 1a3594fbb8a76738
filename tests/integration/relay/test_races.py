"""Two relays at once, and a relay beside a worker."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_relay.sweep import Limits, sweep
from integration.relay.stage import InMemoryQueue, add_reminders, add_rows
from sqlalchemy import Engine, text

_ROUNDS = 60


def test_two_relays_at_once_send_each_row_once(engine: Engine, database_url: str) -> None:
    limits = Limits(send_limit=15, tick_seconds=60, first_retry_seconds=120)
    engines = [
        make_engine(database_url, timeout_seconds=10, application_name=f"relay-{number}")
        for number in range(2)
    ]
    queues = [InMemoryQueue(), InMemoryQueue()]
    expected = 0
    try:
        with ThreadPoolExecutor(2) as pool:
            for _ in range(_ROUNDS):
                add_rows(engine, 20)
                add_reminders(engine, 5, due_in=10)
                expected += 25
                barrier = Barrier(2, timeout=30)

                def tick(number: int, barrier: Barrier = barrier) -> None:
                    barrier.wait()
                    sweep(engines[number], queues[number], limits, remaining_seconds=lambda: 50.0)

                list(pool.map(tick, range(2)))
        for _ in range(_ROUNDS):
            sweep(engines[0], queues[0], limits, remaining_seconds=lambda: 50.0)
    finally:
        for each in engines:
            each.dispose()
    sent = queues[0].rows + queues[1].rows
    assert len(sent) == len(set(sent)) == expected
    assert queues[1].rows


def test_a_row_that_a_worker_is_delivering_is_passed_over(engine: Engine, database_url: str) -> None:
    held, free = add_rows(engine, 2)
    worker = make_engine(database_url, timeout_seconds=10, application_name="worker")
    queue = InMemoryQueue()
    limits = Limits(send_limit=15, tick_seconds=60, first_retry_seconds=120)
    try:
        with transaction(worker) as connection:
            connection.execute(text("SELECT id FROM outbox WHERE id = :id FOR UPDATE"), {"id": held})
            sweep(engine, queue, limits, remaining_seconds=lambda: 50.0)
    finally:
        worker.dispose()
    assert queue.rows == [free]
