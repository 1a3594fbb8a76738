"""From error to answer: the one table, and problem+json (RFC 9457). Nothing of the input is repeated."""

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

#: How soon a caller may try again when the database gave no answer.
_RETRY_AFTER_SECONDS = 2

# What pydantic says of these repeats a part of the value, or is no help to a caller.
_DETAIL_OF = {
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "string_unicode": "holds a character that is no text",
    "extra_forbidden": "is not a field of this request",
    "missing": "is required",
}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class ProblemResponse(JSONResponse):
    """An error as a caller gets it."""

    media_type = "application/problem+json"


def make_problem(
    status: int,
    detail: str,
    *,
    problems: Sequence[Problem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """A problem+json answer; `problems` adds the member `errors` (also when it is empty)."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if problems is not None:
        content["errors"] = [{"pointer": it.pointer, "detail": it.detail} for it in problems[:MAX_ERRORS]]
        if len(problems) >= MAX_ERRORS:
            # Nobody has looked for more.
            content["detail"] += f" At most {MAX_ERRORS} errors are listed."
    return ProblemResponse(content, status, headers=headers)


def make_error_response(error: Exception) -> ProblemResponse:
    """The answer to an error of any kind; 500 for what nobody expected."""
    match error:
        case RequestValidationError():
            return _answer_validation(error)
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
            "The database did not answer in time. Whether the request took effect is unknown: repeat it, "
            "a POST with the same Idempotency-Key.",
            headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
        )
    return make_problem(500, "Something went wrong on our side. It has been recorded.")


def _answer_validation(error: RequestValidationError) -> ProblemResponse:
    faults = error.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        # An id that is none names nothing: the same answer as for one that does not exist.
        return make_error_response(NotFoundError())
    # FastAPI checks a header once for each dependency that asks for it.
    problems = list(dict.fromkeys(map(_describe, faults)))
    return make_problem(422, "The request is not acceptable; see errors.", problems=problems)


def _describe(fault: Mapping[str, Any]) -> Problem:
    place = list(fault["loc"][1:])
    if fault["type"] == "extra_forbidden" and not _PLAIN_NAME.fullmatch(str(place[-1])):
        place.pop()
    pointer = "".join(f"/{step}" for step in place)
    detail = _DETAIL_OF.get(fault["type"])
    if detail is None:
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, InvalidPlaceError):
            pointer += cause.place
        detail = str(cause) if isinstance(cause, ValueError) else fault["msg"]
    return Problem(pointer, detail)
