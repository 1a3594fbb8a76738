"""The worker's handler on a database of its own and a queue that remembers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from convoke_worker.handler import SERVICE, make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.stage import LambdaContext, RecordingQueue
from sqlalchemy import Engine
from support.logs import captured_logs

type Deliver = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def deliver(engine: Engine, queue: RecordingQueue) -> Deliver:
    """Calls the handler with an SQS event, as one execution environment does."""
    handler = make_handler(WorkerSettings(database_url=""), engine, queue)
    return lambda event: handler(event, LambdaContext())


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, float]]:
    """The sums of the metrics written since the last call."""

    def read() -> dict[str, float]:
        sums: dict[str, float] = {}
        for line in capsys.readouterr().out.splitlines():
            if '"_aws"' in line:
                blob = json.loads(line)
                for metric in blob["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                    name = metric["Name"]
                    sums[name] = sums.get(name, 0) + sum(blob[name])
        return sums

    return read


@pytest.fixture
def logs(deliver: Deliver) -> Iterator[Callable[[], str]]:
    """The worker's log, as text."""
    with captured_logs(SERVICE) as stream:
        yield stream.getvalue
