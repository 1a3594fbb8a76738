"""Each payload in events/ does on a migrated database and a real queue what its function is there for."""

import json
from pathlib import Path
from typing import Any

import pytest
from convoke_local.lambda_.environment import Environment
from convoke_local.lambda_.functions import Function
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, Queues
from convoke_local.template import TEMPLATE_PATH, load_template
from sqlalchemy import Engine, text

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture
def invoke(database_url: str, sqs_endpoint: str, queues: Queues, tmp_path: Path) -> Any:
    """Invokes a function of the template with its payload, in a process of its own."""
    variables = {
        **STAND_IN_CREDENTIALS,
        "DATABASE_URL": database_url,
        "QUEUE_URL": queues.url,
        "AWS_ENDPOINT_URL_SQS": sqs_endpoint,
    }

    def invoke_function(logical_id: str, payload: str) -> Any:
        function = load_template(TEMPLATE_PATH).function(logical_id)
        environment = Environment(
            Function(
                name=logical_id,
                handler=function.handler,
                timeout_seconds=function.timeout_seconds,
                memory_mb=function.memory_mb,
                variables={**function.variables, **variables},
            ),
            tmp_path / "function.log",
        )
        try:
            environment.wait_until_ready()
            return json.loads(environment.invoke((EVENTS / f"{payload}.json").read_text(encoding="utf-8")))
        finally:
            environment.kill()

    return invoke_function


def test_the_api_s_payload_creates_an_event_that_owes_invitations(invoke: Any, engine: Engine) -> None:
    response = invoke("ApiFunction", "api")

    assert response["statusCode"] == 201, response["body"]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT title FROM events")).scalars().all() == [
            "Планирование спринта"
        ]
        assert "event_invited" in connection.execute(text("SELECT type FROM outbox")).scalars().all()


def test_the_worker_s_payload_names_a_row_that_is_gone_and_is_acknowledged(invoke: Any) -> None:
    assert invoke("NotifyWorkerFunction", "notify_worker") == {"batchItemFailures": []}


def test_the_relay_s_payload_makes_it_tick(invoke: Any) -> None:
    assert invoke("OutboxRelayFunction", "outbox_relay")["sent"] == 0


def test_the_migrator_s_payload_brings_the_schema_to_its_newest_revision(invoke: Any, engine: Engine) -> None:
    response = invoke("MigratorFunction", "migrator")

    with engine.connect() as connection:
        assert response == {
            "revision": connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        }
