"""Text that people typed stays out of PostgreSQL's log, whatever fails; the log still names the failure."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pg8000
import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_local.postgres.server import run_postgres_server
from convoke_migrator.migrations import upgrade
from integration.api.client import Client, RecordingQueue, current_loop
from integration.changes.world import EVENT_BODY
from sqlalchemy import text
from support.databases import execute
from support.processes import wait_until

SECRET = "Zq7f3aSecret"
WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def post_in_a_thread(client: Client, body: dict[str, Any]) -> int:
    with current_loop():
        return client.post("/v1/events", body).status


def test_a_uid_that_is_there_already_is_not_in_the_log(tmp_path: Path) -> None:
    with run_postgres_server(tmp_path, durable=False) as server, current_loop():
        engine, engine_of_the_other = (
            make_engine(server.url, timeout_seconds=30, application_name="tests") for _ in range(2)
        )
        with transaction(engine) as connection:
            upgrade(connection)
        logger, metrics = make_logger("convoke-api"), make_metrics("convoke-api", "test")
        settings = ApiSettings(database_url=server.url, stage="test")
        handler = make_handler(Services(engine, RecordingQueue(), settings, logger, metrics))
        anna = Client(handler, {"sub": "anna", "email": "anna@example.org", "email_verified": "true"})

        # Two requests with one uid at once: the later waits for the earlier at the unique index.
        first = anna.post("/v1/events", EVENT_BODY).json["id"]
        with ThreadPoolExecutor(1) as threads, transaction(engine_of_the_other) as other:
            other.execute(
                text("UPDATE events SET uid = :uid WHERE id = CAST(:id AS uuid)"),
                {"uid": SECRET, "id": first},
            )
            later = threads.submit(post_in_a_thread, anna, {**EVENT_BODY, "uid": SECRET})
            wait_until(lambda: execute(server.url, WAITING) != [])
        status = later.result()
        engine.dispose()
        engine_of_the_other.dispose()

    assert status == 409
    log = server.log.read_text("utf-8")
    assert "uq_events_organizer_id_uid" in log
    assert SECRET not in log


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        pytest.param("INSERT INTO things VALUES ('{}')", "duplicate key", id="a unique key"),
        pytest.param(
            "INSERT INTO things VALUES ('{}', -1)", "check constraint", id="a row that a check fails"
        ),
        pytest.param("INSERT INTO things VALUES (NULL, 1, '{}')", "not-null", id="a row that lacks a value"),
        pytest.param("SELECT '{}' FROM missing", "does not exist", id="the statement"),
        pytest.param("DO $$ BEGIN EXECUTE 'SELECT 1/0 -- {}'; END $$", "division by zero", id="a context"),
    ],
)
def test_nothing_of_a_failed_statement_is_in_the_log(postgres_server: Any, statement: str, told: str) -> None:
    before = postgres_server.log.stat().st_size

    with pytest.raises(pg8000.DatabaseError):
        execute(postgres_server.url, statement.format(SECRET))

    log = postgres_server.log.read_bytes()[before:].decode()
    assert told in log
    assert SECRET not in log


def test_the_parameters_of_a_failed_statement_are_not_in_the_log(postgres_server: Any) -> None:
    engine = make_engine(postgres_server.url, timeout_seconds=10, application_name="tests")
    before = postgres_server.log.stat().st_size
    try:
        with pytest.raises(Exception, match="division by zero"), transaction(engine) as connection:
            connection.execute(text("SELECT CAST(:a AS text), 1 / CAST(:b AS int)"), {"a": SECRET, "b": 0})
    finally:
        engine.dispose()

    log = postgres_server.log.read_bytes()[before:].decode()
    assert "division by zero" in log
    assert SECRET not in log


@pytest.fixture(scope="module")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of these tests' own, with a table in it."""
    with run_postgres_server(tmp_path_factory.mktemp("server"), durable=False) as server:
        execute(
            server.url,
            """
            CREATE TABLE things (
                name text PRIMARY KEY, number int NOT NULL DEFAULT 1 CHECK (number > 0), note text
            )
            """,
        )
        execute(server.url, f"INSERT INTO things VALUES ('{SECRET}')")
        yield server
