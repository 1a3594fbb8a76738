"""A queue that is full, in trouble or silent: no avalanche, and no row pushed away for long."""

from collections.abc import Sequence

from convoke.messages import DeliveryMessage
from integration.relay.conftest import LIMITS, Tick
from integration.relay.stage import (
    InMemoryQueue,
    UncountableQueue,
    add_reminders,
    add_rows,
    execute,
    waits,
)
from sqlalchemy import Engine


def test_nothing_is_sent_again_while_the_queue_holds_more_than_a_ticks_work(
    engine: Engine, tick: Tick
) -> None:
    (row,) = add_rows(engine)
    full = InMemoryQueue(waiting=LIMITS.send_limit + 1)
    result = tick(full)
    assert full.sent == []
    assert not result.resending
    assert waits(engine)[row][0] == 0

    assert tick(InMemoryQueue(waiting=LIMITS.send_limit)).sent == 1


def test_a_reminder_that_was_never_sent_goes_out_whatever_the_queue_holds(engine: Engine, tick: Tick) -> None:
    (reminder,) = add_reminders(engine, due_in=10)
    (sent_before,) = add_reminders(engine, due_in=-300)
    execute(engine, "UPDATE outbox SET next_attempt_at = now() WHERE id = :id", id=sent_before)
    full = InMemoryQueue(waiting=10**6)
    tick(full)
    tick(full)
    assert full.rows == [reminder]


def test_a_queue_that_cannot_be_counted_is_taken_for_full(engine: Engine, tick: Tick) -> None:
    add_rows(engine)
    (reminder,) = add_reminders(engine, due_in=10)
    queue = UncountableQueue()
    result = tick(queue)
    assert queue.rows == [reminder]
    assert result.backlog.pending == 1


def test_a_queue_in_trouble_costs_one_call_and_the_next_tick_finds_the_rows_as_due_as_before(
    engine: Engine, tick: Tick
) -> None:
    add_reminders(engine, 30, due_in=20)
    add_rows(engine, 30)
    before = waits(engine)
    dead = InMemoryQueue(capacity=0)
    result = tick(dead)
    assert (dead.calls, result.sent, result.unsent) == (1, 0, 30)
    after = waits(engine)
    assert {row: attempts for row, (attempts, _) in after.items()} == dict.fromkeys(before, 0)
    assert all(abs(after[row][1] - before[row][1]) < 30 for row in before)

    alive = InMemoryQueue()
    assert tick(alive).sent == 60


def test_an_outage_of_the_queue_makes_no_row_wait_longer_afterwards(engine: Engine, tick: Tick) -> None:
    (row,) = add_rows(engine)
    for _ in range(5):
        tick(InMemoryQueue(capacity=0))
    assert waits(engine)[row][0] == 0
    assert tick(InMemoryQueue()).sent == 1
    attempts, wait = waits(engine)[row]
    assert attempts == 1
    assert wait <= 120


def test_what_a_failing_queue_took_before_it_failed_is_not_sent_again(engine: Engine, tick: Tick) -> None:
    rows = add_rows(engine, 40)
    queue = InMemoryQueue(capacity=20)
    result = tick(queue)
    assert (result.sent, result.unsent) == (20, 20)
    queue.capacity = 100
    assert tick(queue).sent == 20
    assert sorted(queue.rows) == sorted(rows)


def test_an_entry_that_the_queue_refuses_does_not_stop_the_others(engine: Engine, tick: Tick) -> None:
    rows = add_rows(engine, 30)
    refused = rows[4]

    class PickyQueue(InMemoryQueue):
        def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
            return super().send([entry for entry in messages if entry[0].outbox_id != refused])

    queue = PickyQueue()
    tick(queue)
    assert set(queue.rows) == set(rows) - {refused}
    # Which entry of its ten was refused is not known; the others of the ten are duplicates next time.
    assert waits(engine)[refused][0] == 0


def test_rows_that_are_delivered_while_they_are_given_back_stay_delivered(engine: Engine, tick: Tick) -> None:
    (row,) = add_rows(engine)

    class LosingQueue(InMemoryQueue):
        """Passes the message on, but its response is lost."""

        def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
            execute(engine, "UPDATE outbox SET delivered_at = now() WHERE id = :id", id=row)
            return 0

    tick(LosingQueue())
    assert waits(engine)[row][0] == 1
    queue = InMemoryQueue()
    tick(queue)
    assert queue.sent == []
