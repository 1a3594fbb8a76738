"""The server undoes a transaction for another one's sake: the request runs again, and nobody notices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from convoke.database.transactions import autocommit, transaction
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query, RecordingQueue, Response, current_loop, list_owed
from sqlalchemy import Engine, text
from support.processes import wait_until

_WAITING = "SELECT count(*) AS number FROM pg_stat_activity WHERE pid = :id AND wait_event_type = 'Lock'"


def run_statement(engine: Engine, statement: str) -> Any:
    with autocommit(engine) as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


@pytest.fixture
def patient_engine(make_api_engine: Callable[[], Engine]) -> Engine:
    """A connection whose deadlocks are looked for after 2 s: the closing call has that long."""
    engine = make_api_engine()
    run_statement(engine, "SET deadlock_timeout = '2s'")
    return engine


@pytest.fixture
def undo_once(engine: Engine) -> Callable[[str, str], None]:
    """Lets the next INSERT into a table fail with a SQLSTATE; what a sequence counts is never undone."""

    def arrange(table: str, state: str) -> None:
        run_statement(engine, "CREATE SEQUENCE tries")
        run_statement(
            engine,
            f"""CREATE FUNCTION undo_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tries') = 1 THEN RAISE EXCEPTION USING ERRCODE = '{state}'; END IF;
                RETURN NEW; END $$""",
        )
        run_statement(
            engine,
            f"""CREATE TRIGGER undo_once BEFORE INSERT ON {table}
                FOR EACH ROW EXECUTE FUNCTION undo_once()""",
        )

    return arrange


def test_the_loser_of_a_deadlock_runs_again(
    services: Services,
    patient_engine: Engine,
    make_api_engine: Callable[[], Engine],
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    query: Query,
    queue: RecordingQueue,
) -> None:
    anna = make_person(make_handler(replace(services, engine=patient_engine)), "anna")
    body = {**event_body, "reminder_minutes": [5], "participant_emails": ["boris@example.org"]}
    event = anna.post("/v1/events", body).json
    queue.sent.clear()
    process_id = run_statement(patient_engine, "SELECT pg_backend_pid()")

    def change() -> Response:
        with current_loop():
            return anna.patch(f"/v1/events/{event['id']}", {"title": "Moved"})

    # The outbox before the event: the wrong order.
    with ThreadPoolExecutor(1) as threads, transaction(make_api_engine()) as connection:
        connection.execute(text("SET LOCAL deadlock_timeout = '1min'"))
        values = {"id": event["id"]}
        connection.execute(
            text("SELECT FROM outbox WHERE event_id = :id AND type = 'event_reminder' FOR UPDATE"), values
        )
        response = threads.submit(change)
        wait_until(lambda: query(_WAITING, id=process_id)[0]["number"] == 1)
        connection.execute(text("UPDATE events SET location = 'Room 5' WHERE id = :id"), values)
        connection.commit()
        changed = response.result()

    assert (changed.status, changed.json["title"], changed.json["location"]) == (200, "Moved", "Room 5")
    assert changed.json["version"] == event["version"] + 1
    updates = [row for row in list_owed(query, event) if row["type"] == "event_updated"]
    assert len(updates) == 1
    assert [message.outbox_id for message, _ in queue.sent] == [updates[0]["id"]]


@pytest.mark.parametrize("state", ["40P01", "40001"])
@pytest.mark.parametrize("table", ["event_participants", "outbox"])
def test_a_creation_that_was_undone_is_made_once(
    own_services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    engine: Engine,
    queue: RecordingQueue,
    undo_once: Callable[[str, str], None],
    table: str,
    state: str,
) -> None:
    anna = make_person(make_handler(own_services), "anna")
    undo_once(table, state)

    response = anna.post(
        "/v1/events",
        {**event_body, "participant_emails": ["boris@example.org"]},
        headers={"idempotency-key": "k"},
    )

    assert (response.status, response.headers.get("idempotency-replayed")) == (201, None)
    assert run_statement(engine, "SELECT last_value FROM tries") == 2
    assert run_statement(engine, "SELECT count(*) FROM events") == 1
    assert len(queue.sent) == 1


def test_a_row_that_someone_else_has_locked_too_long_is_not_asked_for_again(
    own_services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    engine: Engine,
    undo_once: Callable[[str, str], None],
) -> None:
    anna = make_person(make_handler(own_services), "anna")
    undo_once("events", "55P03")

    assert anna.post("/v1/events", event_body).status == 503

    assert run_statement(engine, "SELECT last_value FROM tries") == 1
