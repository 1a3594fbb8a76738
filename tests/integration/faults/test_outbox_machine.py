"""The outbox row and the inbox against a plain model, whatever is done to them in whatever order.

Hypothesis makes up sequences of what can happen to rows: written, due or not, sent by the relay, delivered by
one worker or by two at once, cancelled, given up, redriven. The model is a few lines; after each step the
database has to agree with it.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from convoke.database.engine import make_engine
from convoke_local.operations.dead_letters import Filter, clear_failures
from convoke_relay.sweep import Limits, sweep
from convoke_worker.handler import make_handler
from convoke_worker.settings import WorkerSettings
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from integration.relay.stage import InMemoryQueue
from integration.worker.stage import (
    LambdaContext,
    RecordingQueue,
    add_row,
    add_users,
    failed_ids,
    query,
    sqs_event,
)

_LIMITS = Limits(send_limit=50, tick_seconds=60, first_retry_seconds=120)
_POISON = {"version": 99}
_PEOPLE = 3


@dataclass
class Row:
    """An outbox row in the model."""

    due: bool
    poison: bool
    delivered: bool = False
    cancelled: bool = False
    failed: bool = False

    @property
    def may_be_delivered(self) -> bool:
        """A given-up row too: a redrive's message delivers it."""
        return self.due and not (self.delivered or self.cancelled or self.poison)

    @property
    def is_owed(self) -> bool:
        return not (self.delivered or self.cancelled or self.failed)


class OutboxMachine(RuleBasedStateMachine):
    """One database; `url` is set by the test."""

    url = ""
    rows = Bundle("rows")

    def __init__(self) -> None:
        super().__init__()
        self._engines = [
            make_engine(self.url, timeout_seconds=10, application_name=f"machine-{number}")
            for number in range(3)
        ]
        self.engine = self._engines[0]
        query(self.engine, "TRUNCATE outbox, notifications, users CASCADE")
        self._people = add_users(self.engine, _PEOPLE)
        self._workers = [
            make_handler(WorkerSettings(database_url=""), engine, RecordingQueue())
            for engine in self._engines[1:]
        ]
        self.model: dict[UUID, Row] = {}

    def teardown(self) -> None:
        for engine in self._engines:
            engine.dispose()

    @rule(target=rows, due=st.sampled_from([True, True, False]), poison=st.booleans())
    def write(self, due: bool, poison: bool) -> UUID:
        row = add_row(
            self.engine,
            self._people,
            payload=_POISON if poison else None,
            due_in=-300 if due else 3600,
        )
        self.model[row] = Row(due, poison)
        return row

    @rule(row=rows)
    def time_passes(self, row: UUID) -> None:
        query(self.engine, "UPDATE outbox SET due_at = now() - interval '1 second' WHERE id = :id", id=row)
        self.model[row].due = True

    @rule(row=rows)
    def cancel(self, row: UUID) -> None:
        query(
            self.engine,
            "UPDATE outbox SET cancelled_at = now() WHERE id = :id AND delivered_at IS NULL",
            id=row,
        )
        if not self.model[row].delivered:
            self.model[row].cancelled = True

    @rule(batch=st.lists(rows, min_size=1, max_size=5), receive_count=st.sampled_from([1, 5]))
    def deliver(self, batch: list[UUID], receive_count: int) -> None:
        response = self._workers[0](sqs_event(*batch, receive_count=receive_count), LambdaContext())
        self._expect(batch, response, receive_count)

    @rule(row=rows)
    def receive_for_the_last_time(self, row: UUID) -> None:
        self.deliver([row], receive_count=5)

    @rule(
        first=st.lists(rows, min_size=1, max_size=4),
        second=st.lists(rows, min_size=1, max_size=4),
    )
    def deliver_at_once(self, first: list[UUID], second: list[UUID]) -> None:
        with ThreadPoolExecutor(2) as threads:
            responses = list(
                threads.map(
                    lambda worker, batch: worker(sqs_event(*batch), LambdaContext()),
                    self._workers,
                    (first, second),
                )
            )
        for batch, response in zip((first, second), responses, strict=True):
            self._expect(batch, response, 1)

    @rule()
    def tick(self) -> None:
        queue = InMemoryQueue()
        query(self.engine, "UPDATE outbox SET next_attempt_at = now() WHERE due_at <= now()")
        sweep(self.engine, queue, _LIMITS, remaining_seconds=lambda: 50.0)
        assert set(queue.rows) == {row for row, it in self.model.items() if it.due and it.is_owed}
        assert len(queue.rows) == len(set(queue.rows))

    @rule()
    def redrive(self) -> None:
        revived = clear_failures(self.engine, Filter())
        expected = {row for row, it in self.model.items() if it.failed and not (it.delivered or it.cancelled)}
        assert {row.id for row in revived} == expected
        for row in expected:
            self.model[row].failed = False

    @invariant()
    def the_database_agrees(self) -> None:
        stored = query(
            self.engine,
            """SELECT id, delivered_at IS NOT NULL, cancelled_at IS NOT NULL, failed_at IS NOT NULL,
                      (SELECT count(*) FROM notifications WHERE notifications.id = outbox.id)
               FROM outbox""",
        )
        assert {row: tuple(columns) for row, *columns in stored} == {
            row: (it.delivered, it.cancelled, it.failed, _PEOPLE if it.delivered else 0)
            for row, it in self.model.items()
        }

    def _expect(self, batch: list[UUID], response: dict[str, Any], receive_count: int) -> None:
        """Apply a delivery of these messages to the model; returns which of them must have failed."""
        failed = []
        for index, row in enumerate(batch):
            known = self.model[row]
            if known.may_be_delivered:
                known.delivered, known.failed = True, False
            elif known.poison and known.due and not (known.cancelled or known.delivered):
                failed.append(f"m{index}")
                known.failed = known.failed or receive_count == 5
        assert failed_ids(response) == failed


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_happens_to_them_rows_and_inboxes_are_as_the_model_says(database_url: str) -> None:
    OutboxMachine.url = database_url
    run_state_machine_as_test(
        OutboxMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            # Shrinking against a real database takes minutes.
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
