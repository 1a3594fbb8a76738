"""One connection serves all requests of an environment: what goes wrong on it must not reach the next one."""

import gc
import json
import logging
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit, transaction
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query, check_problem
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

EARLIEST = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
LATEST = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-14)))


@pytest.mark.parametrize("use", [autocommit, transaction])
@pytest.mark.parametrize("value", ["\ud800", EARLIEST, LATEST], ids=["surrogate", "year 1", "year 9999"])
def test_a_value_that_the_driver_cannot_send_leaves_no_response_for_the_next_query(
    make_api_engine: Callable[[], Engine], use: Callable[..., Any], value: object
) -> None:
    engine = make_api_engine()

    for _ in range(3):
        with pytest.raises((UnicodeError, OverflowError)), use(engine) as connection:
            connection.execute(text("SELECT 'theirs', CAST(:value AS text)"), {"value": value})
        with use(engine) as connection:
            assert connection.execute(text("SELECT 'mine', 1")).one() == ("mine", 1)


def test_an_error_of_the_server_keeps_the_connection(make_api_engine: Callable[[], Engine]) -> None:
    engine = make_api_engine()
    with autocommit(engine) as connection:
        process_id = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()

    with pytest.raises(DBAPIError), autocommit(engine) as connection:
        connection.execute(text("SELECT 1 / 0"))

    with autocommit(engine) as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() == process_id


def test_an_error_of_the_database_does_not_repeat_the_values(make_api_engine: Callable[[], Engine]) -> None:
    with pytest.raises(DBAPIError) as failed, autocommit(make_api_engine()) as connection:
        connection.execute(text("SELECT 1 / 0, CAST(:value AS text)"), {"value": "SECRET-7f3a"})

    assert "SECRET-7f3a" not in str(failed.value)


def test_the_year_1_in_a_request_changes_nobodys_response(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    others = [person(name) for name in ("boris", "clara", "david")]
    ids = [other.id for other in others]
    bad = {**event_body, "starts_at": "0001-01-01T00:00:00+14:00", "ends_at": "9999-12-31T23:59:59-14:00"}

    for _ in range(3):
        check_problem(anna.post("/v1/events", bad), 422)
        check_problem(anna.post("/v1/events", {**event_body, "title": "\ud800"}), 422)
        assert [other.id for other in others] == ids


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_connection_that_the_server_has_ended_costs_one_request(
    anna: Client,
    services: Services,
    event_body: dict[str, Any],
    query: Query,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # A record of SQLAlchemy's would keep the broken connection beyond this test.
    caplog.set_level(logging.CRITICAL + 1, "sqlalchemy.pool")
    anna.get("/v1/me")
    with autocommit(services.engine) as connection:
        process_id = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    query("SELECT pg_terminate_backend(:id, 5000)", id=process_id)

    responses = [anna.post("/v1/events", event_body, headers={"idempotency-key": "k"}) for _ in range(2)]

    assert responses[0].status in (201, 503)
    if responses[0].status == 503:
        check_problem(responses[0], 503)
    assert responses[1].status == 201
    assert len(anna.get("/v1/events").json["items"]) == 1
    # pg8000's buffer complains of the broken pipe when it is collected; that belongs to this test.
    gc.collect()


# The driver leaves the socket to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/me"), ("POST", "/v1/events"), ("PATCH", f"/v1/events/{UUID(int=1)}")],
    ids=["a read", "one statement", "a transaction"],
)
def test_a_database_that_takes_no_connection_is_waited_for_once(
    services: Services,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
) -> None:
    # That the gateway and the function last longer than the one wait is a rule of the template.
    monkeypatch.setattr("convoke.database.engine.NETWORK_SLACK_SECONDS", 0)
    attempts: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        # Connections are made by the system, and nobody ever speaks on them.
        url = f"postgresql://convoke:convoke@127.0.0.1:{black_hole.getsockname()[1]}/convoke"
        engine = make_engine(url, timeout_seconds=0.3, application_name="tests")
        event.listen(engine, "do_connect", lambda *arguments: attempts.append(arguments))
        anna = make_person(make_handler(replace(services, engine=engine)), "anna")

        response = anna.call(method, path, None if method == "GET" else event_body)
        engine.dispose()

    check_problem(response, 503)
    assert int(response.headers["retry-after"]) >= 1
    assert len(attempts) == 1
    gc.collect()


def test_a_message_of_the_server_does_not_reach_the_caller(
    own_services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
) -> None:
    anna = make_person(make_handler(own_services), "anna")
    anna.get("/v1/me")
    with own_services.engine.begin() as connection:
        connection.execute(text("ALTER TABLE events RENAME COLUMN title TO secret_column"))

    response = anna.post("/v1/events", event_body)

    check_problem(response, 500)
    assert "secret_column" not in response.text
    assert "events" not in json.dumps(response.json)
