"""Security, line 9: logs, metrics and messages name nobody and quote nothing; a log line is one JSON text."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from convoke.messages import encode_message
from convoke_api.invocation import make_handler
from convoke_worker.settings import WorkerSettings
from integration.api.client import Client, RecordingQueue, Response
from integration.changes.world import EVENT_BODY, World
from integration.security.deployment import (
    BrokenQueue,
    EmptyQueue,
    printed_lines,
    read_records,
    run_relay,
    run_worker,
)
from integration.worker.stage import sqs_event

#: Stands in every text and header that anybody sends, after a line that would be one of ours.
SECRET = "Zq7f3aSecret"
FORGED = f'a\r\n{{"level":"INFO","message":"{SECRET}"}}\n{SECRET}'

HEADERS = {
    "authorization": f"Bearer {SECRET}",
    "x-correlation-id": FORGED,
    "user-agent": FORGED,
    "cookie": f"session={SECRET}",
    "referer": f"https://example.org/{SECRET}",
    "x-forwarded-for": SECRET,
}


@pytest.fixture
def anna(world: World) -> Client:
    claims = {"locale": "ru", "zoneinfo": "Europe/Moscow"}
    return world.person(f"{SECRET}-anna", name=f"Anna {SECRET}", **claims)


@pytest.fixture
def boris(world: World) -> Client:
    return world.person(f"{SECRET}-boris", name=f"Boris {SECRET}")


def make_event_body(world: World, guest: Client) -> dict[str, Any]:
    return {
        **EVENT_BODY,
        "title": SECRET,
        "description": FORGED,
        "location": FORGED,
        "uid": f"{SECRET}-{world.domain}",
        "participant_ids": [guest.id],
        "participant_emails": [f"{SECRET}-guest@{world.domain}"],
        "reminder_minutes": [15],
    }


def check_silent(lines: list[str], printed: str) -> list[dict[str, Any]]:
    """The log is JSON, line by line, and neither it nor the metrics hold the secret. Returns its records."""
    records = read_records(lines)
    assert records
    for text in (*lines, printed):
        # However it may be written: folded, cut, escaped.
        assert SECRET.casefold() not in text.casefold()
        assert "example.org" not in text
    assert all(record["level"] in ("INFO", "WARNING", "ERROR") for record in records)
    return records


def live(world: World, anna: Client, boris: Client) -> None:
    """An event from its plan to its cancellation; everything works, and some requests are refused."""
    key = {**HEADERS, "idempotency-key": f"{SECRET}-key"}
    event = anna.post("/v1/events", make_event_body(world, boris), headers=key).json
    path = f"/v1/events/{event['id']}"
    calls: list[tuple[Client, str, str, Any]] = [
        (boris, "PATCH", f"{path}/participants/me", {"response_status": "accepted"}),
        (anna, "PATCH", path, {"title": f"New {SECRET}", "location": FORGED}),
        (anna, "POST", f"{path}/participants", {"participant_emails": [f"{SECRET}2@{world.domain}"]}),
        (boris, "PATCH", path, {"title": SECRET}),
        (boris, "GET", f"/v1/events/{SECRET}", None),
        (boris, "GET", f"/v1/events?uid={SECRET}&cursor={SECRET}", None),
        (anna, "POST", "/v1/events", {**EVENT_BODY, "title": SECRET * 100, SECRET: SECRET}),
        (anna, "POST", "/v1/events", {**EVENT_BODY, "uid": event["uid"]}),
        (anna, "POST", f"/{SECRET}", None),
        (Client(world.handler, {"email": SECRET}), "GET", f"/v1/me?{SECRET}", None),
        (anna, "DELETE", path, None),
    ]
    statuses = [person.call(method, at, body, headers=HEADERS).status for person, method, at, body in calls]
    assert sorted(set(statuses)) == [200, 204, 401, 403, 404, 409, 422]
    assert run_worker(world, world.make_engine(), sqs_event(*world.owed(event))) == []
    run_relay(world, world.make_engine(), EmptyQueue())


def test_an_event_leaves_no_trace_in_the_log(
    world: World, anna: Client, boris: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    with printed_lines() as lines:
        live(world, anna, boris)

    records = check_silent(lines(), capsys.readouterr().out)
    assert {"notify-worker", "outbox-relay"} <= {record["service"] for record in records}


def test_messages_hold_ids_and_nothing_that_grows(world: World, anna: Client, boris: Client) -> None:
    live(world, anna, boris)

    bodies = [encode_message(message) for message, _ in world.queue.sent]
    assert len(bodies) >= 5
    for body in bodies:
        assert set(json.loads(body)) == {"schema", "outbox_id", "event_id", "type", "correlation_id"}
        assert SECRET not in body
        assert "example.org" not in body
        assert body.isascii()
        assert len(body) < 300


def break_queue(world: World) -> Callable[[Client, str, Any], Response]:
    services = world.make_services()
    object.__setattr__(services, "queue", BrokenQueue(f"{SECRET} {FORGED}"))
    handler = make_handler(services)
    return lambda person, path, body: Client(handler, person.claims).post(path, body, headers=HEADERS)


def test_an_error_that_nobody_foresaw_is_logged_without_its_message(
    world: World, anna: Client, boris: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    post = break_queue(world)
    with printed_lines() as lines:
        response = post(anna, "/v1/events", make_event_body(world, boris))

    assert response.status == 500
    assert SECRET not in response.text
    (record,) = check_silent(lines(), capsys.readouterr().out)
    assert (record["error"], record["level"]) == ("RuntimeError", "ERROR")


def test_an_error_of_the_database_is_logged_without_the_values_of_the_statement(
    world: World, anna: Client, boris: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    # The server's own message quotes the row: "Failing row contains (…)".
    world.query("ALTER TABLE events ADD CONSTRAINT ck_broken CHECK (title NOT LIKE 'Zq%') NOT VALID")
    try:
        with printed_lines() as lines:
            response = anna.post("/v1/events", make_event_body(world, boris), headers=HEADERS)
    finally:
        world.query("ALTER TABLE events DROP CONSTRAINT ck_broken")

    assert response.status == 500
    assert SECRET not in response.text
    (record,) = check_silent(lines(), capsys.readouterr().out)
    assert record["sqlstate"] == "23514"


def test_what_cannot_be_delivered_is_logged_and_recorded_without_what_it_says(
    world: World, anna: Client, boris: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    event = anna.post("/v1/events", make_event_body(world, boris)).json
    (outbox_id,) = world.owed(event)
    world.query(
        "UPDATE outbox SET payload = payload || jsonb_build_object('starts_at', CAST(:value AS text)) "
        "WHERE id = :id",
        id=outbox_id,
        value=FORGED,
    )
    engine = world.make_engine()
    with printed_lines() as lines:
        for receive_count in (1, WorkerSettings(world.database_url).max_receive_count):
            failed = run_worker(world, engine, sqs_event(outbox_id, receive_count=receive_count))
            assert failed == ["m0"]

    assert len(check_silent(lines(), capsys.readouterr().out)) == 2
    (row,) = (row for row in world.outbox(event) if row["id"] == outbox_id)
    assert row["failed_at"] is not None
    assert row["failure"]
    assert SECRET not in row["failure"]


def test_a_relay_that_cannot_send_says_nothing_of_what(world: World, anna: Client, boris: Client) -> None:
    event = anna.post("/v1/events", make_event_body(world, boris)).json
    world.query("UPDATE outbox SET next_attempt_at = now() WHERE event_id = :id", id=event["id"])
    queue = RecordingQueue()
    queue.send = lambda messages: 0  # type: ignore[method-assign] # it takes nothing
    queue.count_waiting = lambda: 0  # type: ignore[attr-defined] # as an empty queue does

    with printed_lines() as lines:
        assert run_relay(world, world.make_engine(), queue)["unsent"] > 0

    check_silent(lines(), "")
