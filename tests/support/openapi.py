"""The OpenAPI document, for tests that hold responses to it."""

import copy
from collections.abc import Iterator
from typing import Any

from jsonschema_rs import Draft202012Validator


def resolve(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The part that a reference names; anything else as it is."""
    if "$ref" not in part:
        return part
    found: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def list_operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation with its name: method and path."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def close_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of the document whose schemas take no field that they do not name."""
    closed = copy.deepcopy(document)
    for model in closed["components"]["schemas"].values():
        if "properties" in model:
            model["additionalProperties"] = False
    return closed


def make_validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """Checks a value against a schema of the document, formats included."""
    return Draft202012Validator({**schema, "components": document["components"]}, validate_formats=True)


def list_responses(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every response: of which operation, with which status."""
    for name, operation in list_operations(document):
        for status, response in operation["responses"].items():
            yield name, status, resolve(document, response)


def list_contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of a request or response: where, and its media type object."""
    for name, operation in list_operations(document):
        for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
            yield f"{name} {media_type}", content
    for name, status, response in list_responses(document):
        for media_type, content in response.get("content", {}).items():
            yield f"{name} {status} {media_type}", content


def list_examples(part: dict[str, Any]) -> list[Any]:
    """The examples of a media type."""
    alone = [part["example"]] if "example" in part else []
    return alone + [example["value"] for example in part.get("examples", {}).values()]
