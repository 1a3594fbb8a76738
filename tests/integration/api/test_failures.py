"""A failure shows the caller and the log that it happened and where, and no more."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from convoke.database.engine import make_engine
from convoke.observability import make_logger
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import Client, check_problem
from sqlalchemy import Engine, text

SECRET = "SECRET-7f3a"


def log_to_stdout(services: Services, service: str) -> Services:
    """The services with a logger of their own, on the stdout that this very test reads."""
    return replace(services, logger=make_logger(service))


def read_log(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines on stdout, each of which has to be one JSON object."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(isinstance(line, dict) for line in lines)
    return lines


@pytest.fixture
def secretive(event_body: dict[str, Any], domain: str) -> dict[str, Any]:
    """A request that holds a secret wherever it can."""
    return {
        **event_body,
        "title": SECRET,
        "description": f"a\r\n{SECRET}\r\n" + '{"level": "INFO", "message": "forged"}',
        "location": SECRET,
        "uid": SECRET,
        "participant_emails": [f"{SECRET}@{domain}"],
    }


HEADERS = {
    "authorization": f"Bearer {SECRET}",
    "idempotency-key": SECRET,
    "x-correlation-id": f"{SECRET}\r\nforged",
    "user-agent": f"{SECRET}\r\nforged",
    "cookie": f"session={SECRET}",
}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, and that nobody else gets meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def engine_without_server(closed_port: int) -> Iterator[Engine]:
    url = f"postgresql://convoke:{SECRET}@127.0.0.1:{closed_port}/convoke"
    engine = make_engine(url, timeout_seconds=2, application_name="tests")
    yield engine
    engine.dispose()


def test_without_a_database_the_caller_is_told_when_to_come_back(
    own_services: Services,
    domain: str,
    engine_without_server: Engine,
    event_loop: None,
    make_person: Callable[..., Client],
    secretive: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    logged = log_to_stdout(replace(own_services, engine=engine_without_server), domain)
    anna = make_person(make_handler(logged), SECRET)

    for method, path, body in (
        ("POST", "/v1/events", secretive),
        ("GET", "/v1/me", None),
        ("GET", f"/v1/events?uid={SECRET}", None),
        ("POST", "/v1/notifications/read-all", {}),
    ):
        response = anna.call(method, path, body, headers=HEADERS)
        problem = check_problem(response, 503)
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert SECRET not in json.dumps(problem)

    log = capsys.readouterr().out
    assert SECRET not in log
    assert [json.loads(line)["level"] for line in log.splitlines()] == ["ERROR"] * 4
    assert check_problem(Client(anna.handler, None).get("/v1/me"), 401)
    assert anna.get("/health").json == {"status": "ok"}
    assert anna.get("/v1/openapi.json").status == 200


def test_a_lock_that_is_not_given_in_time_is_no_fault_of_the_request(
    services: Services,
    shared_database_url: str,
    make_api_engine: Callable[[], Engine],
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
) -> None:
    impatient = make_engine(shared_database_url, timeout_seconds=0.2, application_name="tests")
    anna = make_person(make_handler(replace(services, engine=impatient)), "anna")
    anna.get("/v1/me")
    blocker = make_api_engine().connect()
    blocker.execute(text("LOCK TABLE event_participants IN ACCESS EXCLUSIVE MODE"))

    try:
        refused = anna.post("/v1/events", event_body)
    finally:
        blocker.close()

    check_problem(refused, 503)
    assert anna.get("/v1/events").json["items"] == []
    assert anna.post("/v1/events", event_body).status == 201
    impatient.dispose()


def test_an_error_that_nobody_foresaw_is_recorded_without_what_people_typed(
    own_services: Services,
    domain: str,
    event_loop: None,
    make_person: Callable[..., Client],
    secretive: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    anna = make_person(make_handler(log_to_stdout(own_services, domain)), SECRET)
    with own_services.engine.begin() as connection:
        # A message and a detail that repeat the row, as those of PostgreSQL's constraints do.
        connection.execute(
            text("""
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    RAISE EXCEPTION '%', NEW USING DETAIL = NEW.title, ERRCODE = 'ZZ001';
                END $$;
                CREATE TRIGGER fail BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fail()
            """)
        )

    response = anna.post("/v1/events", secretive, headers=HEADERS)

    assert SECRET not in json.dumps(check_problem(response, 500))
    (line,) = read_log(capsys)
    assert SECRET not in json.dumps(line)
    assert (line["level"], line["sqlstate"]) == ("ERROR", "ZZ001")
    assert line["correlation_id"] == response.headers["x-correlation-id"]
    assert any("create.py" in frame for frame in line["frames"])


class FaultyQueue:
    """Breaks its promise never to raise, with everything that it was given in the message."""

    def send(self, messages: object) -> int:
        raise RuntimeError(f"{SECRET} {messages}")


def test_a_fault_after_the_commit_is_recorded_and_the_request_can_be_repeated(
    own_services: Services,
    domain: str,
    event_loop: None,
    make_person: Callable[..., Client],
    secretive: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    logged = log_to_stdout(own_services, domain)
    faulty = make_person(make_handler(replace(logged, queue=FaultyQueue())), "anna")
    anna = Client(make_handler(logged), faulty.claims)

    failed = faulty.post("/v1/events", secretive, headers=HEADERS)
    again = anna.post("/v1/events", secretive, headers=HEADERS)

    check_problem(failed, 500)
    (line,) = read_log(capsys)
    assert SECRET not in json.dumps(line)
    assert line["error"] == "RuntimeError"
    assert (again.status, again.headers["idempotency-replayed"]) == (201, "true")


@pytest.mark.parametrize("status", [400, 404, 405, 415, 422])
def test_a_refused_request_leaves_no_line_in_the_log(
    own_services: Services,
    domain: str,
    event_loop: None,
    make_person: Callable[..., Client],
    secretive: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    status: int,
) -> None:
    anna = make_person(make_handler(log_to_stdout(own_services, domain)), "anna")

    response = {
        400: lambda: anna.post("/v1/events", raw=SECRET),
        404: lambda: anna.get(f"/v1/{SECRET}%0d%0aforged", headers=HEADERS),
        405: lambda: anna.delete("/health", headers=HEADERS),
        415: lambda: anna.post("/v1/events", raw=SECRET, headers={"content-type": SECRET}),
        422: lambda: anna.post("/v1/events", {**secretive, "title": SECRET + "\x00"}),
    }[status]()

    check_problem(response, status)
    assert SECRET not in response.text
    assert read_log(capsys) == []
