"""Provides a scenario with a database and a queue of its own."""

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
    """The rule does not hold."""


def require(holds: object, rule: str) -> None:
    """Raise RuleBrokenError, which names the rule, unless it holds."""
    if not holds:
        raise RuleBrokenError(rule)


@dataclass
class Bench:
    """A scenario's engines, which are made on demand and disposed of by `close`."""

    database_url: str
    sqs_endpoint: str
    _engines: list[Engine] = field(default_factory=list)

    def close(self) -> None:
        """Close all connections."""
        for engine in self._engines:
            engine.dispose()

    def make_engine(self) -> Engine:
        """Make an engine of one connection, as each environment has."""
        engine = make_engine(self.database_url, timeout_seconds=10, application_name="scenario")
        self._engines.append(engine)
        return engine

    @cached_property
    def engine(self) -> Engine:
        """Return the scenario's own engine."""
        return self.make_engine()

    def make_worker(self) -> Handler:
        """Make the worker's handler on an engine of its own."""
        return make_handler(WorkerSettings(database_url=""), self.make_engine(), RecordingQueue())

    def deliver(self, *messages: Any, receive_count: int = 1) -> list[str]:
        """Pass messages (outbox ids or bodies) to a new worker; return the failed ones, m0, m1, …"""
        response = self.make_worker()(sqs_event(*messages, receive_count=receive_count), LambdaContext())
        return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]

    def tick(self, queue: Any) -> Sweep:
        """Run one tick of the relay."""
        return sweep(self.engine, queue, LIMITS, remaining_seconds=lambda: 50.0, jitter=lambda: 0.0)

    def query_one(self, statement: str, **values: Any) -> Any:
        """Return the first column of the first row."""
        return query(self.engine, statement, **values)[0][0]
