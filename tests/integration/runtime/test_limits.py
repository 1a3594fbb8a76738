"""Lambda starts a function, and ends it when it takes too long."""

import json
import time

from convoke_local.sqs.queues import Queues
from integration.runtime.conftest import Emulate
from integration.runtime.test_functions import read_event, receive
from sqlalchemy import Engine, text


def test_an_invocation_that_takes_too_long_is_ended_and_nothing_is_half_done(
    emulate: Emulate, queues: Queues, sqs_endpoint: str, engine: Engine
) -> None:
    emulate("ApiFunction").invoke(read_event("api"))
    event = {"Records": receive(queues, sqs_endpoint, 1)}
    worker = emulate("NotifyWorkerFunction", timeout_seconds=2)

    # The notifications cannot be inserted, after the row has been claimed: the worker waits in the middle.
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE notifications IN EXCLUSIVE MODE"))
        response = worker.invoke_raw(event)

    assert "Task timed out after 2" in response
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT delivered_at, (SELECT count(*) FROM notifications) FROM outbox")
        )
        assert left.first() == (None, 0)

    # The environment is replaced, and the message that comes back is delivered: once.
    assert worker.invoke(event) == {"batchItemFailures": []}
    assert len(worker.init_milliseconds()) == 2
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notifications")).scalar() == 2


def test_the_emulator_reports_how_long_a_function_took_to_initialise(emulate: Emulate) -> None:
    relay = emulate("OutboxRelayFunction")
    began = time.perf_counter()
    relay.invoke(read_event("outbox_relay"))
    first = (time.perf_counter() - began) * 1000
    relay.invoke(read_event("outbox_relay"))

    (reported,) = relay.init_milliseconds()
    assert 0 < reported < first


def test_a_database_that_is_away_is_a_503_and_a_record_to_come_back(
    emulate: Emulate, queues: Queues, sqs_endpoint: str
) -> None:
    emulate("ApiFunction").invoke(read_event("api"))
    records = receive(queues, sqs_endpoint, 1)
    away = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"

    # A second emulator of the same function, without a database.
    response = emulate("ApiFunction", DATABASE_URL=away).invoke(read_event("api"))
    failures = emulate("NotifyWorkerFunction", DATABASE_URL=away).invoke({"Records": records})

    assert response["statusCode"] == 503
    assert json.loads(response["body"])["status"] == 503
    assert failures == {"batchItemFailures": [{"itemIdentifier": records[0]["messageId"]}]}
