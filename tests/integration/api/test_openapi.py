"""GET /v1/openapi.json describes what the API does."""

import json
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from convoke_api.app import create_app
from convoke_api.services import Services
from integration.api.client import Client
from jsonschema_rs import Draft202012Validator


@pytest.fixture
def document(anna: Client) -> dict[str, Any]:
    response = anna.get("/v1/openapi.json")
    assert response.status == 200
    described: dict[str, Any] = response.json
    return described


def resolve(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The part, or what it refers to."""
    while "$ref" in part:
        _, *steps = part["$ref"].split("/")
        part = reduce(lambda found, step: found[step], steps, document)
    return part


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each path and method with its operation, whose parameters and responses are there themselves."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = [resolve(document, it) for it in operation.get("parameters", [])]
            responses = {
                status: resolve(document, response) for status, response in operation["responses"].items()
            }
            yield path, method, {**operation, "parameters": parameters, "responses": responses}


def list_references(part: Any) -> Iterator[str]:
    match part:
        case dict():
            for key, value in part.items():
                if key == "$ref":
                    yield value
                yield from list_references(value)
        case list():
            for value in part:
                yield from list_references(value)


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]}, validate_formats=True)


def request_bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """For each operation with a JSON body: its name, the description of the body, and the model of that."""
    for path, method, operation in operations(document):
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            (reference, *_) = list_references(content["schema"])
            yield f"{method} {path}", content, resolve(document, {"$ref": reference})


def list_examples(content: dict[str, Any], model: dict[str, Any]) -> list[Any]:
    """The examples of a body, with its media type or with its model."""
    named = [example["value"] for example in content.get("examples", {}).values()]
    return [*named, *([content["example"]] if "example" in content else []), *model.get("examples", [])]


def test_every_route_is_described(document: dict[str, Any], services: Services, event_loop: None) -> None:
    routes = {
        (route.path, method.lower())
        for included in create_app(services).routes
        for route in included.original_router.routes
        for method in route.methods
    }

    assert {(path, method) for path, method, _ in operations(document)} == routes
    assert len(routes) >= 18


def test_every_operation_has_a_name_of_its_own_and_a_summary(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))
    assert all(operation["summary"] for _, _, operation in operations(document))


def test_a_token_is_needed_for_all_but_health(document: dict[str, Any]) -> None:
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    without = [path for path, _, operation in operations(document) if operation.get("security") == []]
    assert set(without) == {"/health"}


def test_every_request_body_comes_with_examples_that_its_schema_takes(document: dict[str, Any]) -> None:
    for name, content, model in request_bodies(document):
        examples = list_examples(content, model)
        assert examples, name
        for example in examples:
            validator(document, content["schema"]).validate(example)


def test_the_examples_of_a_creation_are_accepted(anna: Client, document: dict[str, Any]) -> None:
    (examples,) = [list_examples(*it) for name, *it in request_bodies(document) if name == "post /v1/events"]

    for example in examples:
        people = {"participant_ids": []} if "participant_ids" in example else {}
        response = anna.post("/v1/events", {**example, **people})
        assert response.status == 201, response.text


def test_request_bodies_allow_nothing_that_is_not_named(document: dict[str, Any]) -> None:
    for name, _, model in request_bodies(document):
        assert model["additionalProperties"] is False, name


def test_responses_are_as_described(
    anna: Client,
    person: Callable[..., Client],
    event_body: dict[str, Any],
    notify: Callable[..., list[Any]],
    document: dict[str, Any],
) -> None:
    boris = person("boris")
    body = {**event_body, "participant_ids": [boris.id], "reminder_minutes": [15]}
    event = anna.post("/v1/events", body).json
    (notified,) = notify(anna.id, actor_id=boris.id)
    calls = [
        ("post", "/v1/events", body),
        ("get", "/v1/events", None),
        ("get", "/v1/events/{event_id}", None),
        ("get", "/v1/events/{event_id}/participants", None),
        ("get", "/v1/events/{event_id}/deliveries", None),
        ("get", "/v1/notifications", None),
        ("get", "/v1/notifications/unread-count", None),
        ("patch", "/v1/notifications/{notification_id}", {"read": True}),
        ("post", "/v1/notifications/read-all", None),
        ("get", "/v1/me", None),
        ("patch", "/v1/me", {"locale": "en"}),
        ("post", "/v1/events", {}),
        ("post", "/v1/events", {**event_body, "uid": event["uid"]}),
        ("get", "/v1/openapi.json", None),
        ("get", "/health", None),
    ]

    described = {(path, method): operation for path, method, operation in operations(document)}
    for method, path, sent in calls:
        response = anna.call(
            method.upper(), path.format(event_id=event["id"], notification_id=notified), sent
        )
        expected = described[path, method]["responses"][str(response.status)]
        schema = expected["content"][response.headers["content-type"]]["schema"]
        validator(document, schema).validate(response.json)


def test_the_document_is_made_once_and_does_not_change(anna: Client, person: Callable[..., Client]) -> None:
    texts = {client.get("/v1/openapi.json").text for client in (anna, anna, person("boris"))}

    assert len(texts) == 1
    assert json.loads(texts.pop())["openapi"].startswith("3.1")


def test_what_is_served_is_the_document_that_is_kept(anna: Client) -> None:
    kept = Path(__file__).resolve().parents[3] / "docs/openapi.json"

    assert anna.get("/v1/openapi.json").json == json.loads(kept.read_text("utf-8"))
