"""A tick sends the messages of due rows, leaves the others alone, and sets the time of the next attempt."""

from collections.abc import Sequence
from functools import partial
from itertools import count
from uuid import UUID

import pytest
from convoke.messages import DeliveryMessage
from convoke_relay.sweep import sweep
from integration.relay.conftest import LIMITS, Tick
from integration.relay.stage import InMemoryQueue, add_reminders, add_rows, execute, waits
from sqlalchemy import Engine, event, text


def test_what_was_not_delivered_in_time_is_sent_again(engine: Engine, tick: Tick) -> None:
    (row,) = add_rows(engine)
    queue = InMemoryQueue()
    result = tick(queue)
    assert queue.sent == [(row, 0)]
    assert (result.sent, result.unsent, result.resending) == (1, 0, True)


def test_what_may_still_be_on_its_way_is_left_alone(engine: Engine, tick: Tick) -> None:
    add_rows(engine, due_in=-119, next_in=1)
    queue = InMemoryQueue()
    tick(queue)
    assert queue.sent == []


@pytest.mark.parametrize("state", ["delivered_at", "cancelled_at", "failed_at"])
def test_what_is_delivered_cancelled_or_failed_is_left_alone(engine: Engine, tick: Tick, state: str) -> None:
    add_rows(engine, state=state)
    add_rows(engine, type_="event_reminder", due_in=-5, next_in=-5, state=state)
    queue = InMemoryQueue()
    result = tick(queue)
    assert queue.sent == []
    assert result.backlog.pending == 0
    assert result.backlog.failed == (2 if state == "failed_at" else 0)


def test_each_sending_doubles_the_wait_for_the_next(engine: Engine, tick: Tick) -> None:
    (row,) = add_rows(engine)
    queue = InMemoryQueue()
    seen = []
    for _ in range(7):
        tick(queue)
        attempts, wait = waits(engine)[row]
        seen.append((attempts, round(wait, -1)))
        execute(engine, "UPDATE outbox SET next_attempt_at = now()")
    assert seen == [(1, 120), (2, 240), (3, 480), (4, 960), (5, 1920), (6, 3600), (7, 3600)]


def test_rows_that_were_sent_together_do_not_come_back_together(engine: Engine) -> None:
    add_rows(engine, 40)
    numbers = count()
    sweep(
        engine,
        InMemoryQueue(),
        LIMITS,
        remaining_seconds=lambda: 50.0,
        jitter=lambda: next(numbers) / 40,
    )
    ends = sorted(wait for _, wait in waits(engine).values())
    assert len({round(end, 1) for end in ends}) == 40
    assert ends[0] > 110
    assert ends[-1] < 151


def test_a_reminder_is_sent_ahead_with_the_delay_that_is_left(engine: Engine, tick: Tick) -> None:
    (soon,) = add_reminders(engine, due_in=30)
    (overdue,) = add_reminders(engine, due_in=-3)
    (late,) = add_reminders(engine, due_in=119.5)
    add_reminders(engine, due_in=125)
    queue = InMemoryQueue()
    tick(queue)
    delays = dict(queue.sent)
    assert set(delays) == {soon, overdue, late}
    assert delays[overdue] == 0
    assert 29 <= delays[soon] <= 30
    assert 118 <= delays[late] <= 120


def test_no_reminder_arrives_before_it_is_due_nor_a_second_too_late(engine: Engine, tick: Tick) -> None:
    rows = [add_reminders(engine, due_in=2 + index * 1.37)[0] for index in range(30)]
    due = {row: _epoch(engine, "due_at", row) for row in rows}
    sendings: list[tuple[UUID, int, float]] = []

    class ClockedQueue(InMemoryQueue):
        def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
            now = _epoch(engine, "clock_timestamp()", rows[0])
            sendings.extend((message.outbox_id, delay, now) for message, delay in messages)
            return len(messages)

    tick(ClockedQueue())

    assert len(sendings) == 30
    for row, delay, sent_at in sendings:
        assert sent_at + delay >= due[row]
        assert delay <= max(0, due[row] - sent_at) + 1.5


def _epoch(engine: Engine, expression: str, row: UUID) -> float:
    statement = text(f"SELECT CAST(extract(epoch FROM {expression}) AS float8) FROM outbox WHERE id = :id")
    with engine.connect() as connection:
        return float(connection.execute(statement, {"id": row}).scalar_one())


def test_a_reminder_that_was_sent_is_not_sent_again_before_two_minutes_after_it_was_due(
    engine: Engine, tick: Tick
) -> None:
    (row,) = add_reminders(engine, due_in=30)
    queue = InMemoryQueue()
    tick(queue)
    tick(queue)
    assert queue.rows == [row]
    attempts, wait = waits(engine)[row]
    assert attempts == 1
    assert 145 < wait <= 150


def test_a_tick_re_sends_no_more_than_its_limit_the_longest_waiting_first(engine: Engine, tick: Tick) -> None:
    younger = add_rows(engine, 30, next_in=-10)
    older = add_rows(engine, 30, next_in=-100)
    queue = InMemoryQueue()
    assert tick(queue).sent == 50
    assert set(older) < set(queue.rows)
    assert tick(queue).sent == 10
    assert sorted(queue.rows) == sorted(older + younger)


def test_at_the_full_hour_more_reminders_go_out_than_a_tick_re_sends(engine: Engine, tick: Tick) -> None:
    reminders = add_reminders(engine, 130, due_in=20)
    queue = InMemoryQueue()
    assert tick(queue).sent == 130
    assert sorted(queue.rows) == sorted(reminders)


def test_first_sendings_are_bounded_too(engine: Engine, tick: Tick) -> None:
    add_reminders(engine, 600, due_in=20)
    assert tick(InMemoryQueue()).sent == 500


def test_nothing_is_sent_before_the_claim_is_committed(engine: Engine, tick: Tick) -> None:
    add_rows(engine, 5)
    add_reminders(engine, 5, due_in=5)
    log: list[str] = []
    event.listen(engine, "begin", lambda _: log.append("begin"))
    event.listen(engine, "commit", lambda _: log.append("commit"))

    class WatchingQueue(InMemoryQueue):
        def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
            log.append("send")
            assert engine.pool.checkedout() == 0
            return super().send(messages)

    queue = WatchingQueue()
    tick(queue)
    assert len(queue.sent) == 10
    assert [step for step in log if step != "begin"].count("send") == 2
    assert all(log[index - 1] == "commit" for index, step in enumerate(log) if step == "send")


def test_a_tick_that_runs_out_of_time_gives_back_what_it_did_not_send(engine: Engine) -> None:
    add_rows(engine, 40)
    queue = InMemoryQueue()
    left = iter([50.0, 50.0, 3.0])
    result = sweep(engine, queue, LIMITS, remaining_seconds=partial(next, left), jitter=lambda: 0.0)
    assert (result.sent, result.unsent) == (20, 20)
    assert sorted(attempts for attempts, _ in waits(engine).values()) == [0] * 20 + [1] * 20


def test_the_backlog_counts_what_is_due_and_undelivered(engine: Engine, tick: Tick) -> None:
    add_rows(engine, 3, due_in=-300, next_in=3000)
    add_rows(engine, 2, due_in=-10, next_in=110)
    add_reminders(engine, 4, due_in=1000)
    add_rows(engine, 2, state="failed_at")
    backlog = tick(InMemoryQueue()).backlog
    assert (backlog.pending, backlog.failed) == (5, 2)
    assert 300 <= backlog.oldest_age_seconds < 330


def test_an_empty_outbox_has_no_backlog(engine: Engine, tick: Tick) -> None:
    backlog = tick(InMemoryQueue()).backlog
    assert (backlog.pending, backlog.oldest_age_seconds, backlog.failed) == (0, 0, 0)
