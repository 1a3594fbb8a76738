"""The worker and a real queue: what fails comes back early, and in the end lies in the dead-letter queue."""

import time
from typing import Any

import boto3
from convoke.queues import SqsQueue
from convoke_local.sqs.queues import create_queues
from convoke_worker.handler import make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.stage import (
    LambdaContext,
    add_row,
    add_user,
    body_for,
    count_notifications,
    failed_ids,
    query,
)
from sqlalchemy import Engine

#: Well below the visibility timeout: a wait for its end is too late.
_PATIENCE_SECONDS = 60
_VISIBILITY_SECONDS = 600


def test_poison_comes_back_before_the_timeout_and_ends_in_the_dead_letter_queue(
    engine: Engine, sqs_endpoint: str, aws_environment: None
) -> None:
    queues = create_queues(
        sqs_endpoint, "poison", max_receive_count=2, visibility_seconds=_VISIBILITY_SECONDS
    )
    handler = make_handler(
        WorkerSettings(database_url="", max_receive_count=2), engine, SqsQueue(queues.url), jitter=lambda: 0.0
    )
    sqs = boto3.client("sqs")
    good, bad = add_row(engine, [add_user(engine)]), add_row(engine, [], payload={"version": 9})
    for row in (good, bad):
        sqs.send_message(QueueUrl=queues.url, MessageBody=body_for(row))

    receives_of_bad = 0
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (dead := _receive(sqs, queues.dead_letter_url)):
        assert time.monotonic() < deadline
        messages = _receive(sqs, queues.url)
        if messages:
            receives_of_bad += any(str(bad) in message["Body"] for message in messages)
            failed = failed_ids(handler(_as_event(messages), LambdaContext()))
            for message in messages:
                if message["MessageId"] not in failed:
                    sqs.delete_message(QueueUrl=queues.url, ReceiptHandle=message["ReceiptHandle"])
    sqs.close()

    assert receives_of_bad == 2
    assert [str(bad) in message["Body"] for message in dead] == [True]
    assert count_notifications(engine) == 1
    assert query(engine, "SELECT id FROM outbox WHERE failed_at IS NOT NULL") == [(bad,)]


def _receive(sqs: Any, url: str) -> list[Any]:
    response = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["ApproximateReceiveCount"]
    )
    return list(response.get("Messages", []))


def _as_event(messages: list[Any]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
            for message in messages
        ]
    }
