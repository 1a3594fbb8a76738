"""The parts of the document that operations share."""

import json
from typing import Any

from convoke_api.idempotency.key import LONGEST_HEADER
from convoke_api.web.etags import MAX_CONDITION_LENGTH
from convoke_api.web.problems import ProblemResponse, make_error_response, make_problem

DESCRIPTION = """\
Meetings, and the assurance that everybody who should hear of them does: each recipient of a committed change
gets exactly one notification.

Times are RFC 3339 with an offset, in answers in UTC. Text may hold any Unicode that a person types, no
control characters but tab and newline. Unknown fields are refused.

**Errors** are `application/problem+json` (RFC 9457) and never repeat what was sent. What the gateway answers
by itself is `{"message": …}`: 401 for a token that is missing or not valid, 403 for one without the scope of
this API, 413 for a request over 6 MB, 429 when the service as a whole is asked too much, 431 for headers over
10 kB, 503 after 30 s without an answer. Unknown paths (404) and methods (405, with `Allow`) need a token too;
what went wrong on our side is 500.

Every list and every text of a request has a greatest length, and is refused for it before its items are
looked at. `errors` names the first 100 places at most.

**Pages** have `limit` items at most, and fewer where they would pass 4 MB: `next_cursor` alone says whether
there are more.

**Repeating a request** is safe: GET, PUT, PATCH and DELETE by nature, POST with an `Idempotency-Key`.
"""

TAGS = [
    {"name": "events", "description": "Meetings of which the caller is the organizer or a participant."},
    {"name": "participants", "description": "Who is invited, and what they have answered."},
    {"name": "inbox", "description": "What the caller was told."},
    {"name": "me", "description": "The caller: how they are named, and what they want to be told."},
    {"name": "calendars", "description": "Events for other calendars."},
    {"name": "service", "description": "The service itself."},
]

#: By the name as it stands in requests. Those that FastAPI knows are replaced by these.
PARAMETERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a repeated request harmless (IETF draft-ietf-httpapi-idempotency-key-header): "
        "1 to 255 printable ASCII characters, quoted or bare, kept for 24 hours per caller, method and path. "
        "The same key with the same bytes of body gives the first answer again.",
        "schema": {
            "type": "string",
            "maxLength": LONGEST_HEADER,
            "pattern": r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-\[\]-~]([ !#-\[\]-~]{0,253}[!#-\[\]-~])?)$',
        },
        "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "An `ETag` of the event (RFC 9110, 13.1.1). Answers 412 when it has another version "
        "by now; the part after the full stop does not count.",
        "schema": {"type": "string", "maxLength": MAX_CONDITION_LENGTH},
        "example": '"2.9f86d081884c7d659a2f"',
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An `ETag` of the event (RFC 9110, 13.1.2). Answers 304 when the event is still "
        "as it was.",
        "schema": {"type": "string", "maxLength": MAX_CONDITION_LENGTH},
        "example": '"2.9f86d081884c7d659a2f"',
    },
    "notify_ended": {
        "name": "notify_ended",
        "in": "query",
        "description": "False: nobody is notified of this request when the event has ended (`ends_at` has "
        "passed, for a change that before and that after it). It makes no difference for other events. For "
        "importers of past events.",
        "schema": {"type": "boolean", "default": True},
    },
    "X-Correlation-Id": {
        "name": "X-Correlation-Id",
        "in": "header",
        "description": "Names the request in logs. 1 to 64 letters, digits, `-` and `_` are kept; anything "
        "else is replaced.",
        "schema": {"type": "string"},
        "example": "checkout-7f3a",
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "How many items a page has at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    },
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "`next_cursor` of the page before; nothing else is a cursor.",
        "schema": {"type": "string", "maxLength": 500},
    },
}

_ETAG = {"type": "string", "pattern": r'^"\d+\.[0-9a-f]{20}"$'}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Correlation-Id": {
        "description": "The request's name: its own `X-Correlation-Id`, or one that was made.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        "example": "checkout-7f3a",
    },
    "ETag": {
        "description": "The version of the event, a full stop, and a part that changes with all else that "
        "is shown: participants, responses, names (RFC 9110, 8.8.3).",
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
        "description": "There when the request was made before, with the same `Idempotency-Key`.",
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
        "description": "After how many seconds to try again. The gateway's own answers lack it.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 17,
    },
    "Allow": {
        "description": "The methods that the path answers.",
        "required": True,
        "schema": {"type": "string"},
        "example": "GET, POST",
    },
}


def refer_to_headers(*names: str) -> dict[str, Any]:
    """The headers of an answer, as references; X-Correlation-Id is one of them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, "X-Correlation-Id")}


def _describe_problem(description: str, answer: ProblemResponse, *headers: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        "description": description,
        "headers": refer_to_headers(*headers),
        "content": {
            "application/problem+json": {"schema": schema, "example": json.loads(bytes(answer.body))}
        },
    }


#: Answers to requests that no operation takes, and to those of any operation that fail for no good reason.
RESPONSES: dict[str, dict[str, Any]] = {
    "UnknownPath": _describe_problem(
        "There is nothing at this path.", make_problem(404, "There is nothing at this path.")
    ),
    "MethodNotAllowed": _describe_problem(
        "The path does not answer this method.", make_problem(405, "This path answers GET, POST."), "Allow"
    ),
    "InternalServerError": _describe_problem(
        "Something went wrong on our side.", make_error_response(Exception())
    ),
}
