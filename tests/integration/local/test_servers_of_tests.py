"""The fixtures themselves: a test gets an empty, migrated database and queue, and leaves no data."""

from uuid import uuid4

import boto3
import pytest
from convoke.database.transactions import autocommit, transaction
from convoke.messages import DeliveryMessage
from convoke.queues import SqsQueue
from convoke_local.sqs.queues import Queues
from sqlalchemy import Engine, text


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_has_an_empty_database_of_its_own(engine: Engine, round_: int) -> None:
    with transaction(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0
        connection.execute(text("INSERT INTO users (email) VALUES ('a@example.org')"))


def test_sessions_do_not_wait_for_locks_for_ever(engine: Engine) -> None:
    with autocommit(engine) as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "10s"


def test_the_product_s_own_client_reaches_the_queue(queues: Queues) -> None:
    message = DeliveryMessage(uuid4(), uuid4(), "event_invited")

    assert SqsQueue(queues.url).send([(message, 0)]) == 1

    received = boto3.client("sqs").receive_message(QueueUrl=queues.url)["Messages"]
    assert str(message.outbox_id) in received[0]["Body"]
