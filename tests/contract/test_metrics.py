"""The metrics that the functions print as EMF are those of dashboard and alarms, with the same dimensions."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from contract.template.rules.dashboard import EMITTED
from convoke.database.engine import report_connects
from convoke.errors import UnreadableMessageError
from convoke.messages import DeliveryMessage
from convoke.observability import EphemeralMetrics, MetricUnit, flush_metrics, make_logger, make_metrics
from convoke.outbox import OutboxRow
from convoke_api.app import create_app
from convoke_api.outbox.send import send_messages
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_relay.backlog import Backlog
from convoke_relay.handler import _count
from convoke_relay.sweep import Sweep
from convoke_worker.metrics import WorkerMetrics
from convoke_worker.outcomes import Outcome, RowOutcome
from sqlalchemy import Engine, create_engine, text

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


class RefusingQueue:
    """A queue that takes nothing."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        return 0


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Some database: to connect to it is what is measured."""
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


def printed(output: str) -> list[dict[str, Any]]:
    """The EMF lines of an output ("Specification: Embedded metric format" in the CloudWatch user guide)."""
    lines = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    return [line for line in lines if line["_aws"]["CloudWatchMetrics"]]


def names_of(lines: list[dict[str, Any]], service: str) -> set[str]:
    names = set()
    for line in lines:
        assert line["service"] == service
        assert line["stage"] == "prod"
        for directive in line["_aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"] == "Convoke"
            assert [sorted(dimensions) for dimensions in directive["Dimensions"]] == [["service", "stage"]]
            names |= {metric["Name"] for metric in directive["Metrics"]}
    return names


def connect(engine: Engine, metrics: EphemeralMetrics) -> None:
    report_connects(engine, lambda took: metrics.add_metric("DbConnectMs", MetricUnit.Milliseconds, took))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


async def get(services: Services, path: str) -> int:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        return (await client.get(path)).status_code


def test_the_worker_prints_what_is_known_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    measurements = WorkerMetrics(make_metrics("notify-worker", "prod"))
    measurements.count(RowOutcome(ID, Outcome.DELIVERED, written=9, latency_ms=180.0))
    measurements.count(RowOutcome(ID, Outcome.DUPLICATE))
    measurements.count_failure(UnreadableMessageError("no JSON"))
    measurements.count_failure(TimeoutError())
    measurements.add_connect(4.2)

    measurements.flush()

    lines = printed(capsys.readouterr().out)
    assert names_of(lines, "notify-worker") == EMITTED["notify-worker"]
    (line,) = lines
    assert (line["NotificationsWritten"], line["DuplicatesSuppressed"]) == ([9.0], [1.0])
    assert (line["PoisonRejected"], line["DeliveryFailed"]) == ([1.0], [1.0])


def test_the_relay_prints_what_is_known_of_it(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = make_metrics("outbox-relay", "prod")
    connect(engine, metrics)
    _count(metrics, Sweep(Backlog(pending=3, oldest_age_seconds=7.5, failed=1), resending=True, sent=2))

    flush_metrics(metrics)

    lines = printed(capsys.readouterr().out)
    assert names_of(lines, "outbox-relay") == EMITTED["outbox-relay"]
    assert lines[0]["OutboxOldestAgeSeconds"] == [7.5]


def test_the_api_prints_what_is_known_of_it(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = make_metrics("convoke-api", "prod")
    settings = ApiSettings(database_url="sqlite://")
    services = Services(engine, RefusingQueue(), settings, make_logger("convoke-api"), metrics)
    connect(engine, metrics)
    assert asyncio.run(get(services, "/v1/me")) == 401  # nobody is calling
    send_messages(services, [OutboxRow(ID, ID, "event_invited", "c")])

    flush_metrics(metrics)

    assert names_of(printed(capsys.readouterr().out), "convoke-api") == EMITTED["convoke-api"]
