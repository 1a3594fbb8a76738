"""The handler: metrics on every tick, and a real queue that loses everything."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import boto3
import pytest
from convoke.database.engine import make_engine
from convoke.database.sqlstates import is_unavailable
from convoke.queues import SqsQueue
from convoke_local.sqs.queues import Queues
from convoke_relay.handler import make_handler
from convoke_relay.settings import RelaySettings
from integration.relay.stage import InMemoryQueue, UncountableQueue, add_reminders, add_rows, execute, waits
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

SETTINGS = RelaySettings(database_url="")


@dataclass
class LambdaContext:
    """A Lambda context with the members that Powertools and the relay read."""

    function_name: str = "outbox-relay"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:outbox-relay"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 55_000


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, float]]:
    def read() -> dict[str, float]:
        lines = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        if not lines:
            return {}
        (blob,) = map(json.loads, lines)
        (directive,) = blob["_aws"]["CloudWatchMetrics"]
        assert [sorted(names) for names in directive["Dimensions"]] == [["service", "stage"]]
        return {metric["Name"]: sum(blob[metric["Name"]]) for metric in directive["Metrics"]}

    return read


def test_a_tick_writes_a_heartbeat_and_what_it_found(
    engine: Engine, metrics: Callable[[], dict[str, float]]
) -> None:
    add_rows(engine, 3)
    add_rows(engine, state="failed_at")
    make_handler(SETTINGS, engine, InMemoryQueue())({}, LambdaContext())
    counted = metrics()
    assert counted.pop("OutboxOldestAgeSeconds") >= 200
    assert counted.pop("DbConnectMs", 1) > 0
    assert counted == {"RelayRuns": 1, "RelaySent": 3, "OutboxPending": 3, "OutboxFailed": 1}


@pytest.mark.parametrize("queue", [UncountableQueue(capacity=0), InMemoryQueue(capacity=0)])
def test_trouble_with_the_queue_loses_no_metric(
    engine: Engine, metrics: Callable[[], dict[str, float]], queue: InMemoryQueue
) -> None:
    add_rows(engine, 3)
    make_handler(SETTINGS, engine, queue)({}, LambdaContext())
    counted = metrics()
    assert (counted["RelayRuns"], counted["RelaySent"], counted["OutboxPending"]) == (1, 0, 3)


def test_trouble_with_the_database_is_an_error_without_a_heartbeat(
    metrics: Callable[[], dict[str, float]],
) -> None:
    engine = make_engine(
        "postgresql://nobody@127.0.0.1:1/none", timeout_seconds=2, application_name="convoke-relay"
    )
    with pytest.raises(SQLAlchemyError) as caught:
        make_handler(SETTINGS, engine, InMemoryQueue())({}, LambdaContext())
    assert is_unavailable(caught.value)
    assert "RelayRuns" not in metrics()


def test_a_tick_removes_what_has_served_its_time_and_nothing_that_is_owed(engine: Engine) -> None:
    (done,) = add_rows(engine, state="delivered_at")
    (owed,) = add_rows(engine)
    (recent,) = add_rows(engine, state="delivered_at")
    for row in (done, owed):
        execute(
            engine,
            "UPDATE outbox SET id = uuid7_at(now() - interval '40 days'),"
            " due_at = now() - interval '40 days', delivered_at = delivered_at - interval '40 days'"
            " WHERE id = :id",
            id=row,
        )
    result = make_handler(SETTINGS, engine, InMemoryQueue())({}, LambdaContext())
    assert result["removed"]["outbox_rows"] == 1
    left = waits(engine)
    assert len(left) == 2
    assert recent in left
    assert result["sent"] == 1


def test_a_purged_queue_is_recovered_from_the_outbox(engine: Engine, queues: Queues) -> None:
    rows = add_rows(engine, 25)
    (reminder,) = add_reminders(engine, due_in=1)
    sqs = boto3.client("sqs")
    handler = make_handler(SETTINGS, engine, SqsQueue(queues.url))
    handler({}, LambdaContext())
    sqs.purge_queue(QueueUrl=queues.url)
    assert handler({}, LambdaContext())["sent"] == 0

    execute(engine, "UPDATE outbox SET next_attempt_at = now(), due_at = due_at - interval '1 hour'")
    assert handler({}, LambdaContext())["sent"] == 26

    received: set[str] = set()
    for _ in range(20):
        response = sqs.receive_message(QueueUrl=queues.url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        received |= {json.loads(message["Body"])["outbox_id"] for message in response.get("Messages", [])}
        if len(received) == 26:
            break
    assert received == {str(row) for row in [*rows, reminder]}
    sqs.close()


def test_a_queue_that_does_not_respond_fails_no_tick(engine: Engine, aws_environment: None) -> None:
    add_rows(engine, 40)
    add_reminders(engine, 40, due_in=10)
    handler = make_handler(SETTINGS, engine, SqsQueue("http://127.0.0.1:1/000000000000/none"))
    result = handler({}, LambdaContext())
    assert (result["resending"], result["sent"], result["unsent"]) == (False, 0, 40)
    assert all(attempts == 0 for attempts, _ in waits(engine).values())
