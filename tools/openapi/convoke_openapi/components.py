"""Defines the parts of the document that operations share."""

import json
from typing import Any

from convoke_api.idempotency.key import MAX_HEADER_LENGTH
from convoke_api.web.etags import MAX_CONDITION_LENGTH
from convoke_api.web.problems import (
    ProblemResponse,
    make_error_response,
    make_unknown_method_response,
    make_unknown_path_response,
)

DESCRIPTION = """\
Saves calendar events and notifies every participant: each recipient of a committed change gets exactly one
notification.

Times are RFC 3339 with an offset; responses use UTC. Text may contain any Unicode text, but no control
characters except tab and newline. Unknown fields are rejected.

**Errors** are `application/problem+json` (RFC 9457) and never repeat the input. The gateway's own errors are
`{"message": …}`: 401 for a token that is missing or not valid, 403 for one without the scope of this API, 413
for a request over 6 MB, 429 when the service receives too many requests, 431 for headers over 10 kB, 503
after 30 s without a response. Unknown paths (404) and methods (405, with `Allow`) need a token too. Internal
errors are 500.

Every list and every text in a request has a maximum length, which is checked before its items. `errors` lists
at most the first 100 errors.

**Pages** have at most `limit` items, and fewer if they would exceed 4 MB: only `next_cursor` shows whether
there are more.

**Repeating a request** is safe: GET, PUT, PATCH and DELETE by nature, POST with an `Idempotency-Key`.
"""

TAGS = [
    {"name": "events", "description": "Events that the caller organizes or participates in."},
    {"name": "participants", "description": "The participants of an event and their RSVPs."},
    {"name": "inbox", "description": "The caller's notifications."},
    {"name": "me", "description": "The caller: name, locale, preferences and blocks."},
    {"name": "calendars", "description": "Events for other calendars."},
    {"name": "service", "description": "The service itself."},
]

#: By their names in requests. They replace the parameters that FastAPI generates.
PARAMETERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a repeated request harmless (IETF draft-ietf-httpapi-idempotency-key-header): "
        "1 to 255 printable ASCII characters, quoted or bare, kept for 24 hours per caller, method and path. "
        "The same key with the same bytes of body returns the first result again.",
        "schema": {
            "type": "string",
            "maxLength": MAX_HEADER_LENGTH,
            "pattern": r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-\[\]-~]([ !#-\[\]-~]{0,253}[!#-\[\]-~])?)$',
        },
        "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "An `ETag` of the event (RFC 9110, 13.1.1). Returns 412 when the event has another "
        "version; the part after the full stop does not count.",
        "schema": {"type": "string", "maxLength": MAX_CONDITION_LENGTH},
        "example": '"2.9f86d081884c7d659a2f"',
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An `ETag` of the event (RFC 9110, 13.1.2). Returns 304 when the event is unchanged.",
        "schema": {"type": "string", "maxLength": MAX_CONDITION_LENGTH},
        "example": '"2.9f86d081884c7d659a2f"',
    },
    "notify_ended": {
        "name": "notify_ended",
        "in": "query",
        "description": "With false, nobody is notified of this request if the event has ended (`ends_at` "
        "has passed; for a change, both before and after it). No effect on other events. For importers of "
        "past events.",
        "schema": {"type": "boolean", "default": True},
    },
    "X-Correlation-Id": {
        "name": "X-Correlation-Id",
        "in": "header",
        "description": "Identifies the request in logs. 1 to 64 letters, digits, `-` and `_` are kept; any "
        "other value is replaced.",
        "schema": {"type": "string"},
        "example": "checkout-7f3a",
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "The maximum number of items of a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    },
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "`next_cursor` of the previous page.",
        "schema": {"type": "string", "maxLength": 500},
    },
}

_ETAG = {"type": "string", "pattern": r'^"\d+\.[0-9a-f]{20}"$'}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Correlation-Id": {
        "description": "The request's own `X-Correlation-Id`, or a generated one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        "example": "checkout-7f3a",
    },
    "ETag": {
        "description": "The version of the event, a full stop, and a part that changes with everything else "
        "in the response: participants, RSVPs, names (RFC 9110, 8.8.3).",
        "required": True,
        "schema": _ETAG,
        "example": '"2.9f86d081884c7d659a2f"',
    },
    "Location": {
        "description": "The path of the event.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/v1/events/01c0a9f2-5e00-7b41-9f0e-3c5d2a8b6e10",
    },
    "Idempotency-Replayed": {
        "description": "Present if the request was made before with the same `Idempotency-Key`.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "Content-Disposition": {
        "description": "The name of the file.",
        "required": True,
        "schema": {"type": "string"},
        "example": 'attachment; filename="01c0a9f2-5e00-7b41-9f0e-3c5d2a8b6e10.ics"',
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 6750, 3).",
        "required": True,
        "schema": {"type": "string", "pattern": "^Bearer"},
        "example": "Bearer",
    },
    "Retry-After": {
        "description": "The seconds after which to try again. Absent from the gateway's own responses.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 17,
    },
    "Allow": {
        "description": "The methods that the path allows.",
        "required": True,
        "schema": {"type": "string"},
        "example": "GET, POST",
    },
}


def refer_to_headers(*names: str) -> dict[str, Any]:
    """Return the headers of a response as references; X-Correlation-Id is always one of them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, "X-Correlation-Id")}


def _describe_problem(description: str, response: ProblemResponse, *headers: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        "description": description,
        "headers": refer_to_headers(*headers),
        "content": {
            "application/problem+json": {"schema": schema, "example": json.loads(bytes(response.body))}
        },
    }


#: Responses outside any operation, and to internal errors of any operation.
RESPONSES: dict[str, dict[str, Any]] = {
    "UnknownPath": _describe_problem("Path not found.", make_unknown_path_response()),
    "MethodNotAllowed": _describe_problem(
        "The path does not allow this method.", make_unknown_method_response(["GET", "POST"]), "Allow"
    ),
    "InternalServerError": _describe_problem("Internal error.", make_error_response(Exception())),
}
