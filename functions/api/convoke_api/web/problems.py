"""Maps errors to problem+json responses (RFC 9457). No response repeats the input."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from convoke.database.sqlstates import is_unavailable
from convoke.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    NotAuthenticatedError,
    NotFoundError,
    PreconditionFailedError,
    Problem,
    QuotaExceededError,
    UnacceptableError,
)
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse

from convoke_api.web.schemas import MAX_ERRORS, InvalidPlaceError

_STATUS_OF = {
    NotAuthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    PreconditionFailedError: 412,
    UnacceptableError: 422,
    QuotaExceededError: 429,
}

#: When a caller may try again after the database did not respond.
_RETRY_AFTER_SECONDS = 2

# Replace pydantic's messages that repeat a part of the value or do not help a caller.
_DETAIL_OF = {
    "uuid_parsing": "is not a valid UUID",
    "uuid_type": "is not a valid UUID",
    "string_unicode": "is not valid Unicode text",
    "extra_forbidden": "is an unknown field",
    "missing": "is required",
}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class ProblemResponse(JSONResponse):
    """An error response."""

    media_type = "application/problem+json"


def make_problem(
    status: int,
    detail: str,
    *,
    problems: Sequence[Problem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Make a problem+json response; `problems` adds the member `errors`, even if it is empty."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if problems is not None:
        content["errors"] = [{"pointer": it.pointer, "detail": it.detail} for it in problems[:MAX_ERRORS]]
        if len(problems) >= MAX_ERRORS:
            # The search for errors stops there.
            content["detail"] += f" At most {MAX_ERRORS} errors are listed."
    return ProblemResponse(content, status, headers=headers)


def make_error_response(error: Exception) -> ProblemResponse:
    """Make the response to any error; 500 for an unexpected one."""
    match error:
        case RequestValidationError():
            return _make_validation_response(error)
        case UnacceptableError():
            return make_problem(422, error.detail, problems=error.problems)
        case QuotaExceededError():
            return make_problem(429, error.detail, headers={"Retry-After": str(error.retry_after_seconds)})
        case NotAuthenticatedError():
            return make_problem(401, error.detail, headers={"WWW-Authenticate": "Bearer"})
        case DomainError():
            return make_problem(_STATUS_OF[type(error)], error.detail)
        case HTTPException():
            return make_problem(error.status_code, error.detail, headers=error.headers)
    if is_unavailable(error):
        return make_problem(
            503,
            "The database did not respond in time. It is unknown whether the request took effect. Repeat it, "
            "a POST with the same Idempotency-Key.",
            headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
        )
    return make_problem(500, "Internal error. It has been logged.")


def make_unknown_path_response() -> ProblemResponse:
    """Make the response to a path that no route has."""
    return make_problem(404, "Path not found.")


def make_unknown_method_response(methods: Sequence[str]) -> ProblemResponse:
    """Make the response to a method that the path does not allow; `methods` are the allowed ones."""
    allowed = ", ".join(methods)
    return make_problem(405, f"This path allows {allowed}.", headers={"Allow": allowed})


def _make_validation_response(error: RequestValidationError) -> ProblemResponse:
    details = error.errors()
    if any(it["loc"][0] == "path" for it in details):
        # A malformed id gets the same response as an id that does not exist.
        return make_error_response(NotFoundError())
    # FastAPI checks a header once for each dependency that reads it.
    problems = list(dict.fromkeys(map(_make_problem_item, details)))
    return make_problem(422, "The request is not valid; see errors.", problems=problems)


def _make_problem_item(error: Mapping[str, Any]) -> Problem:
    place = list(error["loc"][1:])
    if error["type"] == "extra_forbidden" and not _PLAIN_NAME.fullmatch(str(place[-1])):
        place.pop()
    pointer = "".join(f"/{step}" for step in place)
    detail = _DETAIL_OF.get(error["type"])
    if detail is None:
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, InvalidPlaceError):
            pointer += cause.place
        detail = str(cause) if isinstance(cause, ValueError) else error["msg"]
    return Problem(pointer, detail)
