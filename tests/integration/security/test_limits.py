"""Security, line 6: every request has a limit, and one beyond it costs little.

The limit of a whole request is the gateway's: tests/unit/local/test_gateway.py and tests/e2e.
"""

from typing import Any

import pytest
from convoke_api.app import list_routes
from convoke_api.invocation import make_handler
from convoke_openapi.document import make_document
from integration.api.client import Client, check_problem, pointers
from integration.changes.world import EVENT_BODY, World
from support.openapi import list_operations, resolve
from support.statements import recorded_statements

DOCUMENT = make_document(list_routes())


def test_an_event_has_at_most_so_many_participants(world: World) -> None:
    services = world.make_services(max_participants=3)
    limited = Client(make_handler(services), world.person("anna").claims)
    people = world.people(4)
    for body in (
        {"participant_ids": people},
        {"participant_emails": [f"{n}@{world.domain}" for n in range(4)]},
        {"participant_ids": people[:2], "participant_emails": [f"{n}@{world.domain}" for n in range(2)]},
    ):
        with recorded_statements(services.engine) as statements:
            response = limited.post("/v1/events", {**EVENT_BODY, **body})
        (pointer,) = pointers(response)
        assert pointer in ("/participant_ids", "/participant_emails")
        assert statements == []

    event = limited.post("/v1/events", {**EVENT_BODY, "participant_ids": people[:3]})
    assert event.status == 201
    path = f"/v1/events/{event.json['id']}/participants"
    check_problem(limited.post(path, {"participant_ids": people}), 422)
    check_problem(limited.post(path, {"participant_ids": people[3:]}), 422)
    assert limited.get(path).json["items"] == event.json["participants"]


def test_every_list_has_pages_of_at_most_a_hundred(world: World) -> None:
    anna = world.person("anna")
    event = world.plan(anna)
    paged = [
        name.partition(" ")[2]
        for name, operation in list_operations(DOCUMENT)
        if any(resolve(DOCUMENT, it)["name"] == "limit" for it in operation["parameters"])
    ]

    assert len(paged) == 5
    for path in paged:
        target = path.replace("{event_id}", event["id"])
        for refused in ("0", "-1", "101", "1000000000000000000000", "1e2", "", "ten"):
            assert pointers(anna.get(f"{target}?limit={refused}")) == ["/limit"]
        assert anna.get(f"{target}?limit=100").status == 200


def test_a_caller_who_creates_too_much_waits_and_nobody_else_does(world: World) -> None:
    handler = make_handler(world.make_services(create_quota=2, create_quota_seconds=600))
    anna, boris = (Client(handler, world.person(name).claims) for name in ("anna", "boris"))
    for _ in range(2):
        assert anna.post("/v1/events", EVENT_BODY).status == 201

    refused = anna.post("/v1/events", EVENT_BODY)

    check_problem(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= 600
    assert len(anna.get("/v1/events").json["items"]) == 2
    assert boris.post("/v1/events", EVENT_BODY).status == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "blamed"),
    [
        ("POST", "/v1/events", {**EVENT_BODY, "title": "x" * 201}, "/title"),
        ("POST", "/v1/events", {**EVENT_BODY, "reminder_minutes": [1, 2, 3, 4, 5, 6]}, "/reminder_minutes"),
        ("PATCH", "/v1/me", {"full_name": "x" * 201}, "/full_name"),
    ],
)
def test_what_is_too_long_is_refused_before_any_statement(
    world: World, method: str, path: str, body: dict[str, Any], blamed: str
) -> None:
    anna = world.person("anna")

    with recorded_statements(world.services.engine) as statements:
        response = anna.call(method, path, body)

    assert pointers(response) == [blamed]
    assert statements == []


@pytest.mark.parametrize(
    ("target", "headers", "blamed"),
    [
        (f"/v1/events?uid={'x' * 1_000_000}", {}, "/uid"),
        (f"/v1/events?cursor={'x' * 1_000_000}", {}, "/cursor"),
        (f"/v1/events?from={'2' * 1_000_000}", {}, "/from"),
        (f"/v1/events?limit={'9' * 1_000_000}", {}, "/limit"),
        (f"/v1/notifications?type={'x' * 1_000_000}", {}, "/type"),
        ("/v1/events/{event_id}", {"if-none-match": '"' * 1_000_000}, "/if-none-match"),
    ],
)
def test_a_long_parameter_is_refused(world: World, target: str, headers: dict[str, str], blamed: str) -> None:
    anna = world.person("anna")
    event = world.plan(anna)

    assert pointers(anna.get(target.replace("{event_id}", event["id"]), headers=headers)) == [blamed]


@pytest.mark.parametrize(
    ("method", "suffix", "header", "blamed"),
    [
        ("PATCH", "", "if-match", "/if-match"),
        ("POST", "/participants", "idempotency-key", "/idempotency-key"),
    ],
)
def test_a_long_header_is_refused_and_nothing_is_done(
    world: World, method: str, suffix: str, header: str, blamed: str
) -> None:
    anna = world.person("anna")
    event = world.plan(anna)
    body = {"title": "New"} if method == "PATCH" else {"participant_emails": [f"new@{world.domain}"]}

    response = anna.call(method, f"/v1/events/{event['id']}{suffix}", body, headers={header: "x" * 1_000_000})

    assert pointers(response) == [blamed]
    assert anna.get(f"/v1/events/{event['id']}").json == event


def test_very_many_parameters_and_a_long_correlation_id_do_no_harm(world: World) -> None:
    anna = world.person("anna")

    many = "&".join(f"x{n}={n}" for n in range(100_000))
    response = anna.get(f"/v1/me?{many}", headers={"x-correlation-id": "x" * 1_000_000})

    assert response.status == 200
    assert len(response.headers["x-correlation-id"]) <= 64
