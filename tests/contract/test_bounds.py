"""Everything that a request may hold has a bound in the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

import pytest
from convoke_api.app import list_routes
from convoke_api.events.schemas import EventCreate
from convoke_openapi.document import make_document
from pydantic import ValidationError
from support.openapi import list_operations, resolve

DOCUMENT = make_document(list_routes())


def walk(schema: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, references followed, with its place."""
    schema = resolve(DOCUMENT, schema)
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from walk(part, f"{place}/{name}")
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from walk(part, place)
    if "items" in schema:
        yield from walk(schema["items"], f"{place}/*")


def list_request_schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in list_operations(DOCUMENT):
        for parameter in operation["parameters"]:
            described = resolve(DOCUMENT, parameter)
            if described["name"] == "X-Correlation-Id":
                # Nothing of it is refused, so there is no bound to name: what is too long is replaced.
                continue
            yield from walk(described["schema"], f"{name} {described['in']} {described['name']}")
        for content in operation.get("requestBody", {"content": {}})["content"].values():
            yield from walk(content["schema"], f"{name} body")


def test_every_list_and_text_and_object_of_a_request_is_bounded() -> None:
    bounds = {"array": {"maxItems"}, "string": {"maxLength", "enum", "const"}, "object": {"properties"}}
    kinds = set()
    for place, schema in list_request_schemas():
        kind = schema.get("type")
        if kind in bounds and schema.get("format") != "uuid":
            kinds.add(kind)
            assert bounds[kind] & schema.keys(), place
        if kind == "object":
            assert schema["additionalProperties"] is False, place

    assert kinds == set(bounds)


@pytest.mark.parametrize("name", ["participant_ids", "participant_emails", "reminder_minutes"])
def test_a_list_is_refused_at_its_bound_before_its_items_are_looked_at(name: str) -> None:
    (most,) = (
        schema["maxItems"]
        for place, schema in list_request_schemas()
        if place == f"POST /v1/events body/{name}"
    )

    with pytest.raises(ValidationError) as refused:
        EventCreate.model_validate({name: ["wrong"] * (most + 1)})
    faults = [(fault["loc"], fault["type"]) for fault in refused.value.errors() if name in fault["loc"]]
    assert faults == [((name,), "too_long")]

    with pytest.raises(ValidationError) as refused:
        EventCreate.model_validate({name: ["wrong"] * most})
    faults = [(fault["loc"], fault["type"]) for fault in refused.value.errors() if name in fault["loc"]]
    assert [place for place, _ in faults] == [(name, n) for n in range(min(most, 100))]
