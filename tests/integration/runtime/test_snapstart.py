"""The built API function, in the runtime's own client, goes through a snapshot and comes out as a new one."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from convoke_local.processes.children import start_child
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, Queues
from convoke_local.template import TEMPLATE_PATH, load_template
from integration.runtime.conftest import LAYERS
from integration.runtime.emulator import Artifact, make_command, make_environment
from integration.runtime.snapshot_api import SnapshotApi, serve_snapshot_api
from integration.runtime.test_functions import EVENTS, read_event
from sqlalchemy import Engine, text

HERE = Path(__file__).parent


@pytest.fixture
def environment(
    build: Path, runtime: Path, database_url: str, sqs_endpoint: str, queues: Queues, tmp_path: Path
) -> Iterator[SnapshotApi]:
    """An execution environment of the API function with SnapStart."""
    function = load_template(TEMPLATE_PATH).function("ApiFunction")
    layers = tuple(build / layer for layer in LAYERS)
    artifact = Artifact("ApiFunction", "primed.handler", build / "ApiFunction", layers, runtime)
    variables = make_environment(
        artifact,
        {
            **function.variables,
            **STAND_IN_CREDENTIALS,
            "DATABASE_URL": database_url,
            "DATABASE_IAM": "false",
            "QUEUE_URL": queues.url,
            "AWS_ENDPOINT_URL_SQS": sqs_endpoint,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "PRIMING_EVENT": str(EVENTS / "api.json"),
        },
    )
    variables["PYTHONPATH"] += f"{os.pathsep}{HERE}"
    with serve_snapshot_api() as api:
        variables["AWS_LAMBDA_RUNTIME_API"] = api.address
        child = start_child(make_command(artifact), log=tmp_path / "log", environment=variables)
        try:
            yield api
        finally:
            child.stop()


def count_connections(engine: Engine) -> int:
    with engine.connect() as connection:
        found = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'convoke-api' AND datname = current_database()"
            )
        )
    return int(found or 0)


def test_a_snapshot_holds_no_connection_and_what_is_restored_works_with_numbers_of_its_own(
    environment: SnapshotApi, engine: Engine
) -> None:
    environment.wait_for_snapshot()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM events")) == 1, "it had served a request"
    assert count_connections(engine) == 0

    environment.restore()

    assert environment.invoke("random") != random.Random(1).random()
    assert environment.invoke(read_event("api"))["statusCode"] == 201
    assert count_connections(engine) == 1
