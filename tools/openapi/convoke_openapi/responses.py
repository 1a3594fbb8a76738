"""The answers of an operation: what it gives, and every refusal with examples."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from convoke_api.web.problems import make_error_response

from convoke_openapi import refusals
from convoke_openapi.components import refer_to_headers
from convoke_openapi.operation import Operation

_MEANING = {
    304: "The event is still as it was.",
    400: "The body is not JSON, or could be read in two ways.",
    401: "Nobody is calling: there is no valid token.",
    403: "Only the organizer may do this; or the token lacks the scope of this API (from the gateway).",
    404: "There is no such thing, or none that the caller may know of: the two look the same.",
    409: "The state of things does not allow it.",
    412: "The event has changed since the version that If-Match names.",
    413: "The request is over 6 MB.",
    415: "The body is not application/json.",
    422: "The request is well-formed but not acceptable; `errors` say where, as far as a place is to blame.",
    429: "The caller has done too much in a while; or too much is asked of the service (from the gateway).",
    503: "The database, or the application, did not answer in time. It is unknown whether anything happened.",
}

#: What API Gateway says by itself (HTTP APIs).
_GATEWAY = {
    401: "Unauthorized",
    403: "Forbidden",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    503: "Service Unavailable",
}

#: What else it means when the application has no such answer.
_GATEWAY_MEANING = {
    403: "The token lacks the scope of this API (from the gateway).",
    429: "Too much is asked of the service as a whole (from the gateway).",
    503: "The application did not answer in time (from the gateway).",
}

#: Headers that come with a problem, besides X-Correlation-Id.
_ERROR_HEADERS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def name_examples(examples: Mapping[str, Any]) -> dict[str, Any]:
    """Examples as OpenAPI has them (4.8.15, `examples`)."""
    return {
        name: {"summary": name.replace("_", " ").capitalize(), "value": value}
        for name, value in examples.items()
    }


def describe_responses(
    operation: Mapping[str, Any], answers: Mapping[str, Any], told: Operation
) -> dict[str, Any]:
    """The `responses` of an operation; `answers` are those that FastAPI has made of its route."""
    parameters = {parameter.get("$ref", "").rpartition("/")[2] for parameter in operation["parameters"]}
    (status,) = (status for status in answers if status.startswith("2"))
    described = {int(status): _describe_success(answers[status], told, parameters)}
    if "If-None-Match" in parameters:
        described[304] = {"description": _MEANING[304], "headers": refer_to_headers("ETag")}
    problems: dict[int, dict[str, Any]] = {}
    for name, error in _list_refusals(operation, parameters, told):
        answer = make_error_response(error)
        problems.setdefault(answer.status_code, {})[name] = json.loads(bytes(answer.body))
    for code in sorted({*problems, *_list_gateway_statuses(operation)}):
        described[code] = _describe_error(code, problems.get(code, {}))
    return {str(code): described[code] for code in sorted(described)}


def _describe_success(answer: dict[str, Any], told: Operation, parameters: set[str]) -> dict[str, Any]:
    replayed = ("Idempotency-Replayed",) if "Idempotency-Key" in parameters else ()
    described: dict[str, Any] = {
        "description": told.answer,
        "headers": refer_to_headers(*told.headers, *replayed),
    }
    if told.answers:
        schema = answer.get("content", {}).get(told.media_type, {}).get("schema", {"type": "string"})
        described["content"] = {told.media_type: {"schema": schema, "examples": name_examples(told.answers)}}
    if told.links:
        described["links"] = {
            name: {"operationId": name, "parameters": dict(values)} for name, values in told.links.items()
        }
    return described


def _list_refusals(
    operation: Mapping[str, Any], parameters: set[str], told: Operation
) -> Iterator[tuple[str, Exception]]:
    match operation["tags"]:
        case ["service"]:
            # It touches no data, and asks nobody who is calling but for the token.
            yield from refusals.NO_TOKEN.items() if operation.get("security") != [] else ()
        case _:
            yield from refusals.NOBODY.items()
    if "requestBody" in operation:
        yield from refusals.UNREADABLE_BODY.items()
    if any(parameter.get("in") == "path" for parameter in operation["parameters"]):
        yield from refusals.MISSING.items()
    if "If-Match" in parameters:
        yield from refusals.STALE.items()
    for name in parameters & refusals.LONG_CONDITIONS.keys():
        yield from refusals.LONG_CONDITIONS[name].items()
    if "Idempotency-Key" in parameters:
        yield from refusals.KEY.items()
    if "notify_ended" in parameters:
        yield from refusals.NOTIFY_ENDED.items()
    if "cursor" in parameters:
        yield from refusals.PAGE.items()
    yield from told.refusals.items()


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
    # The gateway's own answers have no headers of ours, but for the challenge.
    names = _ERROR_HEADERS.get(status, ()) if problems or status == 401 else ()
    if status not in _GATEWAY:
        names = (*names, "X-Correlation-Id")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    meaning = _MEANING[status] if problems else _GATEWAY_MEANING.get(status, _MEANING[status])
    return {"description": meaning, **({"headers": headers} if headers else {}), "content": content}


def share_responses(document: dict[str, Any]) -> None:
    """Put the error that most operations answer with a status among the components; the others stay."""
    tables = [operation["responses"] for path in document["paths"].values() for operation in path.values()]
    for status in _MEANING:
        told = [table[str(status)] for table in tables if str(status) in table]
        shared = max(told, key=told.count, default=None)
        if told.count(shared) < 2:
            continue
        name = HTTPStatus(status).phrase.title().replace(" ", "")
        document["components"]["responses"][name] = shared
        for table in tables:
            if table.get(str(status)) == shared:
                table[str(status)] = {"$ref": f"#/components/responses/{name}"}
