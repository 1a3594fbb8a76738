"""Every field of every operation takes every naughty value: the response is described, no harm is done."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from convoke_api.app import list_routes
from convoke_openapi.document import make_document
from integration.api.client import Response
from integration.fuzz.naughty import JSON_TEXTS, RAW, TEXTS, list_fields
from integration.fuzz.world import World
from support.openapi import close_schemas, list_operations, make_validator, resolve

DOCUMENT = close_schemas(make_document(list_routes()))
OPERATIONS = dict(list_operations(DOCUMENT))
#: A mark in a path or a body where a value goes that is written down as it is.
_HERE = "put the value here"


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_value_in_any_place_does_harm(name: str, world: World) -> None:
    operation = OPERATIONS[name]
    sent = 0
    for place, request in list_requests(name, operation, world):
        response = world.call(*request)
        if name.startswith("HEAD "):
            # The server in front of the function drops the body of a response to HEAD.
            response = replace(response, text="")
        check_described(operation, response, place)
        if response.status >= 400:
            world.check_health()
        sent += 1

    assert sent >= (len(TEXTS) if operation["parameters"] else 0)


type Request = tuple[str, str, str | None, dict[str, str]]


def list_requests(name: str, operation: dict[str, Any], world: World) -> Iterator[tuple[str, Request]]:
    """Good requests, each with one bad value: where it stands, and the request."""
    method, _, path = name.partition(" ")
    body = find_body(operation)
    good = None if body is None else json.dumps(body)
    parameters = [resolve(DOCUMENT, parameter) for parameter in operation["parameters"]]
    for parameter in parameters:
        for text in TEXTS:
            place = f"{parameter['in']} {parameter['name']} {text[:40]!r}"
            target = world.fill(path)
            match parameter["in"]:
                case "path":
                    filled = world.fill(path.replace(f"{{{parameter['name']}}}", _HERE))
                    yield place, (method, filled.replace(_HERE, text), good, {})
                case "query":
                    yield place, (method, f"{target}?{parameter['name']}={quote(text)}", good, {})
                case "header":
                    yield place, (method, target, good, {parameter["name"].lower(): text})
    if body is None:
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    for field in list_fields(DOCUMENT, schema):
        pattern = json.dumps({**body, field: _HERE})
        target = world.fill(path)
        for value in [json.dumps(text) for text in JSON_TEXTS] + list(RAW):
            yield (
                f"body {field} {value[:40]}",
                (method, target, pattern.replace(json.dumps(_HERE), value), {}),
            )


def find_body(operation: dict[str, Any]) -> dict[str, Any] | None:
    if "requestBody" not in operation:
        return None
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    body: dict[str, Any] = next(iter(examples.values()))["value"]
    return body


def check_described(operation: dict[str, Any], response: Response, place: str) -> None:
    """The response is one of those that the operation describes, in status, media type and body."""
    assert response.status < 500, (place, response.text)
    if response.status == 405 and place.startswith("path"):
        # An empty or a special word in the place of an id is another path.
        return
    assert str(response.status) in operation["responses"], (place, response.text)
    described = resolve(DOCUMENT, operation["responses"][str(response.status)])
    if "content" not in described:
        assert response.text == "", place
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in described["content"], place
    if media_type != "text/calendar":
        validator = make_validator(DOCUMENT, described["content"][media_type]["schema"])
        assert not list(validator.iter_errors(response.json)), (place, response.text)
