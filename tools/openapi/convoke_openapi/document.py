"""Makes the document: FastAPI's part, then the texts and examples of each operation."""

import json
import re
from collections.abc import Sequence
from typing import Any

from convoke_api.web.problem_schemas import GatewayAnswer, ProblemDetails, ValidationProblemDetails
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from convoke_openapi import events, inbox, participants, people
from convoke_openapi.components import DESCRIPTION, HEADERS, PARAMETERS, RESPONSES, TAGS
from convoke_openapi.operation import Operation
from convoke_openapi.responses import describe_responses, name_examples, share_responses

OPERATIONS: dict[str, Operation] = {
    **events.OPERATIONS,
    **participants.OPERATIONS,
    **inbox.OPERATIONS,
    **people.OPERATIONS,
}

_ERRORS = (ProblemDetails, ValidationProblemDetails, GatewayAnswer)


def make_document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Make the document of these routes; raise KeyError for an operation that OPERATIONS does not contain."""
    generated = get_openapi(
        title="Convoke",
        version="1",
        openapi_version="3.1.0",
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "The server of this document."}],
        tags=TAGS,
        routes=routes,
    )
    # pydantic names Page[Event] `Page_Event_`; generated clients name their classes after it.
    document: dict[str, Any] = json.loads(re.sub(r"\bPage_(\w+)_\b", r"\1Page", json.dumps(generated)))
    _, errors = models_json_schema(
        [(model, "serialization") for model in _ERRORS], ref_template="#/components/schemas/{model}"
    )
    schemas = {**document["components"]["schemas"], **errors["$defs"]}
    document["components"] = {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "responses": RESPONSES,
        # FastAPI's own schemas of validation errors are not those of the responses.
        "schemas": {
            name: _tidy_schema(schema)
            for name, schema in sorted(schemas.items())
            if name not in ("HTTPValidationError", "ValidationError")
        },
    }
    document["security"] = [{"bearer": []}]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _describe(operation, OPERATIONS[operation["operationId"]], is_open=path == "/health")
    share_responses(document)
    return document


def _describe(operation: dict[str, Any], described: Operation, *, is_open: bool) -> None:
    operation["summary"] = described.summary
    operation["description"] = "\n\n".join(filter(None, (operation["description"], described.details)))
    if is_open:
        operation["security"] = []
    parameters = [_tidy_parameter(parameter) for parameter in operation.pop("parameters", [])]
    # Removed and added again, so that they follow the parameters.
    responses, body = operation.pop("responses"), operation.pop("requestBody", None)
    operation["parameters"] = [*parameters, {"$ref": "#/components/parameters/X-Correlation-Id"}]
    if body is not None:
        operation["requestBody"] = body
        (content,) = body["content"].values()
        content["examples"] = name_examples(described.request_examples)
    operation["responses"] = describe_responses(operation, responses, described)


def _tidy_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    for name in PARAMETERS:
        if parameter["name"].lower() == name.lower():
            return {"$ref": f"#/components/parameters/{name}"}
    schema = _tidy_schema(_drop_null(parameter.pop("schema")))
    schema.pop("description", None)
    return {**parameter, "schema": schema}


def _drop_null(schema: dict[str, Any]) -> dict[str, Any]:
    # A parameter is absent or has a value; it is never null.
    match schema:
        case {"anyOf": [given, {"type": "null"}], **rest}:
            return {**given, **rest}
    return schema


def _tidy_schema(schema: Any) -> Any:
    """Return the schema without titles that repeat a name, and with integers for whole bounds."""
    match schema:
        case dict():
            return {
                key: _tidy_schema(value)
                for key, value in schema.items()
                if not (key == "title" and isinstance(value, str))
            }
        case list():
            return [_tidy_schema(value) for value in schema]
        case float() if schema.is_integer():
            return int(schema)
    return schema
