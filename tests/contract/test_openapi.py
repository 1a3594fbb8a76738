"""The OpenAPI document is a contract: it is kept as a file, complete, and true to what it describes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from convoke_api.app import list_routes
from convoke_api.service_routes import OPENAPI_FILE
from convoke_openapi.document import make_document
from fastapi.routing import APIRoute
from support.openapi import list_operations, list_responses, resolve

_ROOT = Path(__file__).resolve().parents[2]
_KEPT = OPENAPI_FILE


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return make_document(list_routes())


def test_the_kept_document_is_the_present_one(document: dict[str, Any]) -> None:
    made = json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    assert _KEPT.read_text("utf-8") == made, (
        "openapi.json is not what the code describes: `make openapi` writes it. See in the difference "
        "whether clients can live with it."
    )


def test_every_route_is_described(document: dict[str, Any]) -> None:
    routes = {
        f"{method} {route.path}"
        for route in list_routes()
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }

    assert {name for name, _ in list_operations(document)} == routes


def test_every_operation_says_what_it_does_in_words_of_its_own(document: dict[str, Any]) -> None:
    operations = dict(list_operations(document))

    for word in ("summary", "description", "operationId"):
        told = [operation[word] for operation in operations.values()]
        assert all(told)
        assert len(set(told)) == len(told), word
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for operation in operations.values() for tag in operation["tags"]} == tags


def test_operations_have_names_that_make_good_methods(document: dict[str, Any]) -> None:
    for _, operation in list_operations(document):
        assert re.fullmatch(r"[a-z]+(_[a-z]+){1,3}", operation["operationId"]), operation["operationId"]


def test_every_error_is_a_problem_or_the_gateways(document: dict[str, Any]) -> None:
    gateway = {"401", "403", "413", "429", "503"}
    for place, status, response in list_responses(document):
        if status < "400":
            continue
        schemas = {
            kind: content["schema"]["$ref"].rpartition("/")[2]
            for kind, content in response["content"].items()
        }
        problem = "ValidationProblemDetails" if status == "422" else "ProblemDetails"
        assert schemas.pop("application/problem+json", problem) == problem, place
        assert schemas == ({"application/json": "GatewayAnswer"} if status in gateway else {}), (
            place,
            status,
        )


def test_the_responses_of_the_gateway_are_those_of_every_operation(document: dict[str, Any]) -> None:
    for name, operation in list_operations(document):
        expected = {"429", "503"}
        expected |= set() if name in ("GET /health", "HEAD /health") else {"401", "403"}
        expected |= {"413"} if "requestBody" in operation else set()
        assert expected <= set(operation["responses"]), name


def test_every_operation_describes_the_errors_of_its_kind(document: dict[str, Any]) -> None:
    for name, operation in list_operations(document):
        statuses = set(operation["responses"])
        parameters = [resolve(document, parameter) for parameter in operation["parameters"]]
        places = {parameter["in"] for parameter in parameters}
        assert ("requestBody" in operation) == ({"400", "415"} <= statuses), name
        assert ("path" in places) == ("404" in statuses), name
        assert ("If-Match" in {it["name"] for it in parameters}) == ("412" in statuses), name
        assert ("If-None-Match" in {it["name"] for it in parameters}) == ("304" in statuses), name
        if "query" in places or "requestBody" in operation:
            assert "422" in statuses, name
        if name.startswith("POST "):
            assert "Idempotency-Key" in {it["name"] for it in parameters}, name
            assert {"409", "422"} <= statuses, name


def test_nothing_of_the_frameworks_own_errors_is_left(document: dict[str, Any]) -> None:
    text = json.dumps(document)

    assert "ValidationError" not in text
    assert "Successful Response" not in text
    assert "_v1_" not in text


def test_every_reference_leads_somewhere_and_nothing_lies_about(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))
    kept = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "parameters", "headers", "responses")
        for name in document["components"][kind]
    }

    assert references - kept == set()
    # What requests get that no operation takes, and the header of one of these responses.
    lonely = {
        f"#/components/responses/{name}"
        for name in ("UnknownPath", "MethodNotAllowed", "InternalServerError")
    }
    assert kept - references == lonely


def test_request_bodies_take_nothing_that_is_not_named(document: dict[str, Any]) -> None:
    names = set()
    for _, operation in list_operations(document):
        if "requestBody" in operation:
            names |= set(re.findall(r"schemas/(\w+)", json.dumps(operation["requestBody"])))
    for name in list(names):
        names |= set(re.findall(r"schemas/(\w+)", json.dumps(document["components"]["schemas"][name])))
    schemas = {name: document["components"]["schemas"][name] for name in names}

    assert len(names) >= 9
    objects = {name: schema for name, schema in schemas.items() if schema["type"] == "object"}
    assert [name for name, schema in objects.items() if schema["additionalProperties"] is not False] == []


def test_responses_hold_every_field_always(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if schema.get("additionalProperties") is not False and "properties" in schema:
            assert set(schema["required"]) == set(schema["properties"]), name


def test_headers_are_described_where_they_come(document: dict[str, Any]) -> None:
    for place, status, response in list_responses(document):
        headers = set(response.get("headers", ()))
        assert ("X-Correlation-Id" in headers) == (status not in {"401", "403", "413", "429", "503"}), place
        assert ("WWW-Authenticate" in headers) == (status == "401"), place
        operation = dict(list_operations(document))[place]
        takes = {resolve(document, parameter)["name"] for parameter in operation["parameters"]}
        assert "X-Correlation-Id" in takes
        assert ("Idempotency-Replayed" in headers) == ("Idempotency-Key" in takes and status < "300"), place
        if (
            place in {"POST /v1/events", "GET /v1/events/{event_id}", "PATCH /v1/events/{event_id}"}
            and status < "400"
        ):
            assert "ETag" in headers
    created = resolve(document, document["paths"]["/v1/events"]["post"]["responses"]["201"])
    assert "Location" in created["headers"]
    assert "Allow" in document["components"]["responses"]["MethodNotAllowed"]["headers"]
    for status in ("429", "503"):
        response = resolve(document, document["paths"]["/v1/events"]["post"]["responses"][status])
        assert "Retry-After" in response["headers"]


def test_links_lead_to_operations_by_parameters_that_they_have(document: dict[str, Any]) -> None:
    operations = {operation["operationId"]: operation for _, operation in list_operations(document)}
    links = [
        link for _, _, response in list_responses(document) for link in response.get("links", {}).values()
    ]

    assert len(links) > 5
    for link in links:
        parameters = operations[link["operationId"]]["parameters"]
        assert set(link["parameters"]) == {it["name"] for it in parameters if it.get("in") == "path"}


def test_the_document_is_the_same_each_time() -> None:
    assert json.dumps(make_document(list_routes())) == json.dumps(make_document(list_routes()))


def test_the_function_does_not_import_the_writer() -> None:
    program = "import sys, convoke_api.handler; print(*(name for name in sys.modules if 'openapi' in name))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"DATABASE_URL": "postgresql://u@h/d", "QUEUE_URL": "https://q", "STAGE": "dev"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert not {name for name in run.stdout.split() if name.startswith("convoke_")}


def test_the_documentation_links_to_the_served_file() -> None:
    assert (_ROOT / "docs/openapi.json").samefile(OPENAPI_FILE)
