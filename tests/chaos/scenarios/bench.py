"""What a scenario works with: a database and a queue of its own."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from convoke.database.engine import make_engine
from convoke_relay.sweep import Limits, Sweep, sweep
from convoke_worker.handler import Handler, make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.stage import LambdaContext, RecordingQueue, query, sqs_event
from sqlalchemy import Engine

LIMITS = Limits(send_limit=50, tick_seconds=60, first_retry_seconds=120)


class RuleBrokenError(Exception):
    """What should hold does not."""


def require(holds: object, what: str) -> None:
    """Raises RuleBrokenError, which says `what` should hold, unless it does."""
    if not holds:
        raise RuleBrokenError(what)


@dataclass
class Bench:
    """Engines are made on demand and disposed of by `close`."""

    database_url: str
    sqs_endpoint: str
    _engines: list[Engine] = field(default_factory=list)

    def close(self) -> None:
        """Close all connections."""
        for engine in self._engines:
            engine.dispose()

    def make_engine(self) -> Engine:
        """An engine of one connection, as each environment has."""
        engine = make_engine(self.database_url, timeout_seconds=10, application_name="scenario")
        self._engines.append(engine)
        return engine

    @cached_property
    def engine(self) -> Engine:
        """The scenario's own."""
        return self.make_engine()

    def make_worker(self) -> Handler:
        """The worker's handler on an engine of its own."""
        return make_handler(WorkerSettings(database_url=""), self.make_engine(), RecordingQueue())

    def deliver(self, *messages: Any, receive_count: int = 1) -> list[str]:
        """Hand messages (outbox ids or bodies) to a new worker; returns the failed ones, m0, m1, …"""
        answer = self.make_worker()(sqs_event(*messages, receive_count=receive_count), LambdaContext())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def tick(self, queue: Any) -> Sweep:
        """One tick of the relay."""
        return sweep(self.engine, queue, LIMITS, remaining_seconds=lambda: 50.0, jitter=lambda: 0.0)

    def ask(self, statement: str, **values: Any) -> Any:
        """The first column of the first row."""
        return query(self.engine, statement, **values)[0][0]
