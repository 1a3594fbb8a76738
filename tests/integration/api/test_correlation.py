"""X-Correlation-Id: on every response, in the log, in the outbox and in the message."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from convoke.observability import make_logger
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query, RecordingQueue, RefusingQueue

HEADER = "x-correlation-id"
ACCEPTABLE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@pytest.mark.parametrize("sent", ["a", "0", "-", "_", "Order-66_b", "x" * 64])
def test_a_clients_own_id_is_kept(anna: Client, sent: str) -> None:
    assert anna.get("/v1/me", headers={HEADER: sent}).headers[HEADER] == sent


@pytest.mark.parametrize(
    "sent",
    ["", " ", "a b", "a,b", "a.b", "x" * 65, "идентификатор", "a\r\nb", "a\n", "a\x00", '{"a": 1}', "\u0661"],
    ids=ascii,
)
def test_another_id_is_replaced(anna: Client, sent: str) -> None:
    returned = anna.get("/v1/me", headers={HEADER: sent}).headers[HEADER]

    assert returned != sent
    assert ACCEPTABLE.fullmatch(returned)


def test_each_request_without_an_id_gets_one_of_its_own(anna: Client) -> None:
    ids = {anna.get("/v1/me").headers[HEADER] for _ in range(5)}

    assert len(ids) == 5
    assert all(ACCEPTABLE.fullmatch(it) for it in ids)


def test_every_response_of_the_application_has_one(
    anna: Client, event_body: dict[str, Any], notify: Callable[..., list[Any]]
) -> None:
    headers, nobody = {HEADER: "c-1"}, Client(anna.handler, None)
    event = anna.post("/v1/events", event_body).json
    (notified,) = notify(anna.id)

    responses = [
        anna.get("/health", headers=headers),
        anna.get("/v1/openapi.json", headers=headers),
        anna.post("/v1/events", event_body, headers=headers),
        anna.get(f"/v1/events/{event['id']}", headers={**headers, "if-none-match": "*"}),
        anna.delete(f"/v1/notifications/{notified}", headers=headers),
        anna.post("/v1/events", raw="{", headers=headers),
        nobody.get("/v1/me", headers=headers),
        anna.get("/nowhere", headers=headers),
        anna.delete("/health", headers=headers),
        anna.post("/v1/events", {**event_body, "uid": event["uid"]}, headers=headers),
        anna.post("/v1/events", raw="x", headers={**headers, "content-type": "text/plain"}),
        anna.post("/v1/events", {}, headers=headers),
    ]

    assert [it.status for it in responses] == [200, 200, 201, 304, 204, 400, 401, 404, 405, 409, 415, 422]
    assert {it.headers[HEADER] for it in responses} == {"c-1"}


def test_it_goes_with_the_outbox_row_and_into_the_log(
    services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    make_users: Callable[[int], list[str]],
    event_body: dict[str, Any],
    query: Query,
    queue: RecordingQueue,
    domain: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    anna = make_person(make_handler(services), "anna")
    refused = Client(
        make_handler(replace(services, queue=RefusingQueue(), logger=make_logger(domain))), anna.claims
    )
    body = {**event_body, "participant_ids": make_users(1), "reminder_minutes": [15]}

    event = anna.post("/v1/events", body, headers={HEADER: "c-1"}).json
    refused.post("/v1/events", body, headers={HEADER: "c-2"})
    refused.post("/v1/events", body, headers={HEADER: "not acceptable"})

    rows = query("SELECT DISTINCT correlation_id FROM outbox WHERE event_id = :id", id=event["id"])
    assert [row["correlation_id"] for row in rows] == ["c-1"]
    assert {message.correlation_id for message, _ in queue.sent} == {"c-1"}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = [line["correlation_id"] for line in lines if "correlation_id" in line]
    assert logged[0] == "c-2"
    assert len(set(logged)) == 2
    assert "not acceptable" not in logged
