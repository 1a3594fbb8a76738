"""The artifacts that are deployed do their work in Lambda's runtime, from the request to the inbox."""

import json
from pathlib import Path
from typing import Any

from convoke_local.sqs.queues import Queues, make_client
from integration.runtime.conftest import Emulate
from sqlalchemy import Engine, text

EVENTS = Path(__file__).parents[3] / "events"


def read_event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def request_by(email: str, method: str, path: str) -> dict[str, Any]:
    """A request without a body, as API Gateway hands it over."""
    event = read_event("api")
    del event["body"]
    event["headers"] = {"accept": "application/json", "host": event["headers"]["host"]}
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    claims |= {"sub": f"subject of {email}", "email": email, "name": "Somebody"}
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    return event  # type: ignore[no-any-return] # JSON


def receive(queues: Queues, sqs_endpoint: str, wanted: int) -> list[dict[str, Any]]:
    """The records of an SQS event, of messages that are really received."""
    client = make_client(sqs_endpoint)
    records: list[dict[str, Any]] = []
    for _ in range(10):
        response = client.receive_message(
            QueueUrl=queues.url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=2,
            MessageSystemAttributeNames=["All"],
        )
        records += [
            read_event("notify_worker")["Records"][0]
            | {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "md5OfBody": message["MD5OfBody"],
                "attributes": message["Attributes"],
            }
            for message in response.get("Messages", [])
        ]
        if len(records) >= wanted:
            break
    return records


def test_a_request_becomes_notifications_that_the_invited_read(
    emulate: Emulate, queues: Queues, sqs_endpoint: str
) -> None:
    api, worker = emulate("ApiFunction"), emulate("NotifyWorkerFunction")

    created = api.invoke(read_event("api"))
    records = receive(queues, sqs_endpoint, 1)
    delivered = worker.invoke({"Records": records})
    responses = {
        name: api.invoke(request_by(f"{name}@example.org", "GET", "/v1/notifications"))
        for name in ("boris", "clara")
    }

    assert created["statusCode"] == 201, created
    assert created["headers"]["location"]
    assert len(records) == 1
    assert delivered == {"batchItemFailures": []}
    for name, response in responses.items():
        assert response["statusCode"] == 200, name
        (notification,) = json.loads(response["body"])["items"]
        assert notification["title"] == "Приглашение на встречу"
        assert notification["message"].startswith("Вас пригласили на встречу «Планирование спринта»")


def test_the_same_records_again_notify_nobody_twice(
    emulate: Emulate, queues: Queues, sqs_endpoint: str, engine: Engine
) -> None:
    api, worker = emulate("ApiFunction"), emulate("NotifyWorkerFunction")
    api.invoke(read_event("api"))
    event = {"Records": receive(queues, sqs_endpoint, 1)}

    assert worker.invoke(event) == worker.invoke(event) == {"batchItemFailures": []}

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notifications")).scalar() == 2


def test_what_was_never_sent_is_sent_by_a_tick(
    emulate: Emulate, queues: Queues, sqs_endpoint: str, engine: Engine
) -> None:
    # Nobody listens there: the request gets its response all the same.
    api = emulate("ApiFunction", AWS_ENDPOINT_URL_SQS="http://127.0.0.1:1")
    assert api.invoke(read_event("api"))["statusCode"] == 201
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET next_attempt_at = now() WHERE due_at <= now()"))

    tick = emulate("OutboxRelayFunction").invoke(read_event("outbox_relay"))

    assert tick["sent"] == 1
    (record,) = receive(queues, sqs_endpoint, 1)
    assert json.loads(record["body"])["type"] == "event_invited"


def test_a_record_that_nobody_can_read_is_reported_alone(
    emulate: Emulate, queues: Queues, sqs_endpoint: str
) -> None:
    emulate("ApiFunction").invoke(read_event("api"))
    (good,) = receive(queues, sqs_endpoint, 1)
    bad = good | {"messageId": "unreadable", "body": "no JSON"}

    response = emulate("NotifyWorkerFunction").invoke({"Records": [bad, good]})

    assert response == {"batchItemFailures": [{"itemIdentifier": "unreadable"}]}


def test_the_functions_write_their_metrics_where_lambda_reads_them(emulate: Emulate) -> None:
    relay = emulate("OutboxRelayFunction")
    relay.invoke(read_event("outbox_relay"))

    lines = [json.loads(line) for line in relay.read_log().splitlines() if line.startswith("{")]
    (metrics,) = [line for line in lines if "_aws" in line]
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Convoke"
    assert "RelayRuns" in {metric["Name"] for metric in directive["Metrics"]}
