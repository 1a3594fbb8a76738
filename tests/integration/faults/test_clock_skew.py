"""The database's clock and the functions' differ by minutes: nothing is early, late, lost or told twice.

The functions look at no clock of their own (tests/contract/test_clocks.py), so it is the database's that is
wrong here, and what the functions and the queue do has to follow it.
"""

from datetime import timedelta
from typing import Any

import pytest
from convoke.database.transactions import autocommit
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import make_handler as make_api
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_relay.retention import Retention, remove_expired
from convoke_relay.sweep import Limits, sweep
from convoke_worker.handler import make_handler as make_worker
from convoke_worker.settings import WorkerSettings
from integration.api.client import Client, RecordingQueue, current_loop
from integration.faults.shifted_clock import ShiftedClock
from integration.relay.stage import InMemoryQueue
from integration.worker.stage import LambdaContext, failed_ids, sqs_event
from integration.worker.stage import RecordingQueue as PostponingQueue
from sqlalchemy import Engine, text

FIRST_RETRY_SECONDS, TICK_SECONDS, QUOTA = 120, 60, 3

type Skewed = tuple["Stage", ShiftedClock]


class Stage:
    """The three functions on one database; messages are carried from one to the other by the test."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.queue = RecordingQueue()
        settings = ApiSettings(database_url="", create_quota=QUOTA, first_retry_seconds=FIRST_RETRY_SECONDS)
        services = Services(engine, self.queue, settings, make_logger("api"), make_metrics("api", "test"))
        claims = {"sub": "ada", "email": "ada@example.org", "email_verified": "true", "name": "Ada"}
        self.ada = Client(make_api(services), claims)
        self._worker = make_worker(WorkerSettings(database_url=""), engine, PostponingQueue())
        self._limits = Limits(
            send_limit=50, tick_seconds=TICK_SECONDS, first_retry_seconds=FIRST_RETRY_SECONDS
        )

    def create(self, clock: ShiftedClock, **changes: Any) -> Any:
        """An event with Bob in an hour of the database's."""
        starts_at = clock.now() + timedelta(hours=1)
        body = {
            "title": "Planning",
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
            "participant_emails": ["bob@example.org"],
            **changes,
        }
        return self.ada.post("/v1/events", body)

    def take_messages(self) -> dict[str, list[tuple[Any, int]]]:
        """The messages that the API has sent since: the rows and their DelaySeconds, by type."""
        taken: dict[str, list[tuple[Any, int]]] = {}
        for message, delay in self.queue.sent:
            taken.setdefault(message.type, []).append((message.outbox_id, delay))
        self.queue.sent.clear()
        return taken

    def deliver(self, *rows: Any) -> None:
        """The worker gets a message for each row."""
        assert not failed_ids(self._worker(sqs_event(*rows), LambdaContext()))

    def tick(self) -> list[Any]:
        """The rows that the relay sends at a tick."""
        queue = InMemoryQueue()
        sweep(self._engine, queue, self._limits, remaining_seconds=lambda: 50.0, jitter=lambda: 0.0)
        return queue.rows

    def count(self, what: str) -> int:
        """How many rows there are: `what` follows FROM."""
        with autocommit(self._engine) as connection:
            number: int = connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()
            return number


@pytest.fixture(params=[-10, 10], ids=["functions ahead", "functions behind"])
def skewed(engine: Engine, request: pytest.FixtureRequest) -> Any:
    """The functions, and the clock of their database: ten minutes behind theirs, or ahead."""
    clock = ShiftedClock(engine, timedelta(minutes=request.param))
    with current_loop():
        yield Stage(engine), clock


def test_the_clock_is_shifted_where_the_statements_look(skewed: Skewed, engine: Engine) -> None:
    stage, clock = skewed
    stage.create(clock)
    with autocommit(engine) as connection:
        away = connection.execute(
            text("SELECT extract(epoch FROM created_at - pg_catalog.clock_timestamp()) FROM events")
        ).scalar_one()
    assert abs(float(away) - clock.ahead.total_seconds()) < 60


def test_what_is_due_is_delivered_at_once_and_once(skewed: Skewed) -> None:
    stage, clock = skewed
    stage.create(clock)
    ((row, delay),) = stage.take_messages()["event_invited"]
    assert delay == 0
    stage.deliver(row)
    stage.deliver(row)
    assert stage.count("notifications") == 1


def test_the_relay_doubts_a_message_when_its_time_has_come_in_the_database(skewed: Skewed) -> None:
    stage, clock = skewed
    stage.create(clock, reminder_minutes=[])
    ((row, _),) = stage.take_messages()["event_invited"]
    assert stage.tick() == []
    clock.pass_time(seconds=FIRST_RETRY_SECONDS - 30)
    assert stage.tick() == []
    clock.pass_time(seconds=60)
    assert stage.tick() == [row]
    clock.pass_time(seconds=FIRST_RETRY_SECONDS - 30)
    assert stage.tick() == []
    stage.deliver(row)
    clock.pass_time(hours=2)
    assert stage.tick() == []
    assert stage.count("notifications") == 1


def test_a_reminder_comes_when_the_database_says_so(skewed: Skewed) -> None:
    stage, clock = skewed
    starts_at = clock.now() + timedelta(minutes=15)
    ends_at = starts_at + timedelta(hours=1)
    stage.create(clock, starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(), reminder_minutes=[5])
    ((row, delay),) = stage.take_messages()["event_reminder"]
    # Ten minutes, less what the test has taken since it looked at the clock.
    assert 540 <= delay <= 600
    stage.deliver(row)
    assert stage.count("notifications") == 0
    clock.pass_time(minutes=10)
    stage.deliver(row)
    assert stage.count("notifications WHERE type = 'event_reminder'") == 2


def test_a_reminder_that_the_queue_cannot_hold_back_is_sent_by_the_relay(skewed: Skewed) -> None:
    stage, clock = skewed
    stage.create(clock, reminder_minutes=[15])
    assert "event_reminder" not in stage.take_messages()
    clock.pass_time(minutes=42)
    assert not stage.count("outbox WHERE type = 'event_reminder' AND attempts > 0")
    stage.tick()
    assert not stage.count("outbox WHERE type = 'event_reminder' AND attempts > 0")
    # Within two ticks of its time.
    clock.pass_time(minutes=2)
    stage.tick()
    assert stage.count("outbox WHERE type = 'event_reminder' AND attempts > 0") == 1


def test_the_window_of_the_quota_is_the_database_s(skewed: Skewed) -> None:
    stage, clock = skewed
    assert [stage.create(clock).status for _ in range(QUOTA + 1)] == [201] * QUOTA + [429]
    clock.pass_time(seconds=30)
    refused = stage.create(clock)
    assert (refused.status, int(refused.headers["retry-after"]) <= 30) == (429, True)
    clock.pass_time(seconds=31)
    assert stage.create(clock).status == 201


@pytest.mark.parametrize(("days", "left"), [(34, 1), (36, 0)])
def test_what_was_delivered_is_kept_by_the_days_of_the_database(
    skewed: Skewed, engine: Engine, days: int, left: int
) -> None:
    stage, clock = skewed
    stage.create(clock, reminder_minutes=[])
    ((row, _),) = stage.take_messages()["event_invited"]
    stage.deliver(row)
    clock.pass_time(days=days)
    remove_expired(engine, Retention(outbox_days=35, notification_days=180))
    assert stage.count("outbox") == left
    # Whatever is left of it, a message that comes now does nothing.
    stage.deliver(row)
    assert stage.count("notifications") == 1


def test_a_key_is_remembered_for_a_day_of_the_database(skewed: Skewed) -> None:
    stage, clock = skewed
    body: dict[str, Any] = {
        "title": "Planning",
        "starts_at": "2040-05-20T10:00:00Z",
        "ends_at": "2040-05-20T11:00:00Z",
    }

    def send() -> str | None:
        response = stage.ada.post("/v1/events", body, headers={"idempotency-key": "k"})
        assert response.status == 201
        return response.headers.get("idempotency-replayed")

    assert send() is None
    clock.pass_time(hours=23.9)
    assert send() == "true"
    clock.pass_time(hours=0.2)
    assert send() is None
    assert stage.count("events") == 2
