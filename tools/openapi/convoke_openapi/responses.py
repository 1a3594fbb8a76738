"""Describes the responses of an operation: the successful one, and each error with examples."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from convoke_api.web.problems import make_error_response

from convoke_openapi import error_examples
from convoke_openapi.components import refer_to_headers
from convoke_openapi.operation import Operation

_MEANING = {
    304: "The event is unchanged.",
    400: "The body is not valid JSON, or it is ambiguous.",
    401: "The token is missing or not valid.",
    403: "Only the organizer may do this, or the token lacks the scope of this API (from the gateway).",
    404: "Not found, or not visible to the caller: the two are not distinguished.",
    409: "The current state does not allow the request.",
    412: "The event has changed since the version in If-Match.",
    413: "The request is over 6 MB.",
    415: "The Content-Type is not application/json.",
    422: "The request is well-formed but not valid; `errors` lists the places of errors that have one.",
    429: "The caller has exceeded a quota, or the service receives too many requests (from the gateway).",
    503: "The database or the application did not respond in time. The request may have taken effect or not.",
}

#: The messages of API Gateway itself (HTTP APIs).
_GATEWAY = {
    401: "Unauthorized",
    403: "Forbidden",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    503: "Service Unavailable",
}

#: The meaning of a status that only the gateway returns.
_GATEWAY_MEANING = {
    403: "The token lacks the scope of this API (from the gateway).",
    429: "The service receives too many requests (from the gateway).",
    503: "The application did not respond in time (from the gateway).",
}

#: Headers of an error response, besides X-Correlation-Id.
_ERROR_HEADERS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def name_examples(examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return examples in OpenAPI's form (4.8.15, `examples`)."""
    return {
        name: {"summary": name.replace("_", " ").capitalize(), "value": value}
        for name, value in examples.items()
    }


def describe_responses(
    operation: Mapping[str, Any], generated: Mapping[str, Any], described: Operation
) -> dict[str, Any]:
    """Return the `responses` of an operation; `generated` are those that FastAPI has made from its route."""
    parameters = {parameter.get("$ref", "").rpartition("/")[2] for parameter in operation["parameters"]}
    (status,) = (status for status in generated if status.startswith("2"))
    responses = {int(status): _describe_success(generated[status], described, parameters)}
    if "If-None-Match" in parameters:
        responses[304] = {"description": _MEANING[304], "headers": refer_to_headers("ETag")}
    problems: dict[int, dict[str, Any]] = {}
    for name, error in _list_errors(operation, parameters, described):
        response = make_error_response(error)
        problems.setdefault(response.status_code, {})[name] = json.loads(bytes(response.body))
    for code in sorted({*problems, *_list_gateway_statuses(operation)}):
        responses[code] = _describe_error(code, problems.get(code, {}))
    return {str(code): responses[code] for code in sorted(responses)}


def _describe_success(
    generated: dict[str, Any], described: Operation, parameters: set[str]
) -> dict[str, Any]:
    replayed = ("Idempotency-Replayed",) if "Idempotency-Key" in parameters else ()
    response: dict[str, Any] = {
        "description": described.response,
        "headers": refer_to_headers(*described.headers, *replayed),
    }
    if described.response_examples:
        schema = generated.get("content", {}).get(described.media_type, {}).get("schema", {"type": "string"})
        response["content"] = {
            described.media_type: {"schema": schema, "examples": name_examples(described.response_examples)}
        }
    if described.links:
        response["links"] = {
            name: {"operationId": name, "parameters": dict(values)}
            for name, values in described.links.items()
        }
    return response


def _list_errors(
    operation: Mapping[str, Any], parameters: set[str], described: Operation
) -> Iterator[tuple[str, Exception]]:
    match operation["tags"]:
        case ["service"]:
            # Service operations read no data; they check the token but do not look up the caller.
            yield from error_examples.NO_TOKEN.items() if operation.get("security") != [] else ()
        case _:
            yield from error_examples.CALLER.items()
    if "requestBody" in operation:
        yield from error_examples.BODY.items()
    if any(parameter.get("in") == "path" for parameter in operation["parameters"]):
        yield from error_examples.NOT_FOUND.items()
    if "If-Match" in parameters:
        yield from error_examples.IF_MATCH.items()
    for name in parameters & error_examples.CONDITIONS.keys():
        yield from error_examples.CONDITIONS[name].items()
    if "Idempotency-Key" in parameters:
        yield from error_examples.IDEMPOTENCY_KEY.items()
    if "notify_ended" in parameters:
        yield from error_examples.NOTIFY_ENDED.items()
    if "cursor" in parameters:
        yield from error_examples.PAGE.items()
    yield from described.errors.items()


def _list_gateway_statuses(operation: Mapping[str, Any]) -> Iterator[int]:
    yield from (429, 503)
    if operation.get("security") != []:
        yield from (401, 403)
    if "requestBody" in operation:
        yield 413


def _describe_error(status: int, problems: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if problems:
        model = "ValidationProblemDetails" if status == 422 else "ProblemDetails"
        content["application/problem+json"] = {
            "schema": {"$ref": f"#/components/schemas/{model}"},
            "examples": name_examples(problems),
        }
    if status in _GATEWAY:
        content["application/json"] = {
            "schema": {"$ref": "#/components/schemas/GatewayAnswer"},
            "example": {"message": _GATEWAY[status]},
        }
    # The gateway's own responses have none of the application's headers except WWW-Authenticate.
    names = _ERROR_HEADERS.get(status, ()) if problems or status == 401 else ()
    if status not in _GATEWAY:
        names = (*names, "X-Correlation-Id")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    meaning = _MEANING[status] if problems else _GATEWAY_MEANING.get(status, _MEANING[status])
    return {"description": meaning, **({"headers": headers} if headers else {}), "content": content}


def share_responses(document: dict[str, Any]) -> None:
    """Move the most frequent error response of each status to the components."""
    tables = [operation["responses"] for path in document["paths"].values() for operation in path.values()]
    for status in _MEANING:
        candidates = [table[str(status)] for table in tables if str(status) in table]
        shared = max(candidates, key=candidates.count, default=None)
        if candidates.count(shared) < 2:
            continue
        name = HTTPStatus(status).phrase.title().replace(" ", "")
        document["components"]["responses"][name] = shared
        for table in tables:
            if table.get(str(status)) == shared:
                table[str(status)] = {"$ref": f"#/components/responses/{name}"}
