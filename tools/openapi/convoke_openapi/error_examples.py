"""Collects the errors of operations as exceptions, from which the examples of error responses are made.

A group maps the name of an example to the exception; status and body come from `convoke_api.web.problems`, so
an example is what the API returns.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from convoke.errors import (
    ConflictError,
    DatabaseUnavailableError,
    ForbiddenError,
    NotAuthenticatedError,
    NotFoundError,
    PreconditionFailedError,
)
from convoke_api.idempotency.key import identify_request
from convoke_api.idempotency.stored_results import key_in_progress_error, key_reused_error
from convoke_api.outbox.quotas import quota_error
from convoke_api.settings import ApiSettings
from convoke_api.web.etags import MAX_CONDITION_LENGTH
from convoke_api.web.pagination import decode_cursor
from convoke_api.web.strict_json import StrictRequest, parse_json
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

type ErrorExamples = Mapping[str, Exception]


def catch_error(attempt: Callable[[], object]) -> Exception:
    """Return the exception that the attempt raises."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - any exception is the result
        return error
    raise AssertionError("the attempt raised nothing")


def body_error(model: type[BaseModel], body: Any) -> Exception:
    """Make the error that FastAPI raises for a body that is not valid for the model."""
    return _validation_error(lambda: model.model_validate(body), "body")


def parameter_error(name: str, kind: Any, value: object) -> Exception:
    """Make the error that FastAPI raises for a query parameter that is not valid for its type."""
    return _validation_error(lambda: TypeAdapter(kind).validate_python(value), "query", name)


def _validation_error(attempt: Callable[[], object], *place: str) -> Exception:
    error = catch_error(attempt)
    if not isinstance(error, ValidationError):
        raise error
    return RequestValidationError([{**it, "loc": (*place, *it["loc"])} for it in error.errors()])


def _read_text_body() -> object:
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"text/plain")]}
    return StrictRequest(scope, None, b"{}")


#: Errors of every operation except /health.
NO_TOKEN: ErrorExamples = {"no_token": NotAuthenticatedError()}
#: Errors of every operation that looks the caller up in the database.
CALLER: ErrorExamples = {
    **NO_TOKEN,
    "erased": NotAuthenticatedError("The token was issued before the person was erased."),
    "database_unavailable": DatabaseUnavailableError("no response"),
}
#: Errors of operations with a body.
BODY: ErrorExamples = {
    "not_json": catch_error(lambda: parse_json(b"title=Event")),
    "duplicate_key": catch_error(lambda: parse_json(b'{"title": "A", "title": "B"}')),
    "media_type": catch_error(_read_text_body),
}
#: Errors of operations that take an Idempotency-Key.
IDEMPOTENCY_KEY: ErrorExamples = {
    "key_in_progress": key_in_progress_error(),
    "key_reused": key_reused_error(),
    "invalid_key": catch_error(lambda: identify_request("POST", "/", "", b"")),
}
#: Errors of operations that return pages.
PAGE: ErrorExamples = {
    "limit": parameter_error("limit", Annotated[int, Field(ge=1, le=100)], 1000),
    "cursor": catch_error(lambda: decode_cursor("bm9uZQ", TypeAdapter(tuple[int]))),
}
#: Errors of operations that take `notify_ended`.
NOTIFY_ENDED: ErrorExamples = {"notify_ended": parameter_error("notify_ended", bool, "perhaps")}
#: Errors of operations that take a condition, by the name of its header.
CONDITIONS: Mapping[str, ErrorExamples] = {
    name: {
        "long_condition": parameter_error(
            name.lower(),
            Annotated[str, Field(max_length=MAX_CONDITION_LENGTH)],
            "x" * (MAX_CONDITION_LENGTH + 1),
        )
    }
    for name in ("If-Match", "If-None-Match")
}
#: Errors of operations with an id in their path.
NOT_FOUND: ErrorExamples = {"not_found": NotFoundError()}
#: Errors of operations that only the organizer may perform.
ORGANIZER_ONLY: ErrorExamples = {"participant": ForbiddenError("Only the organizer may do this.")}
#: Errors of operations that change an event.
CANCELLED: ErrorExamples = {"cancelled": ConflictError("The event is cancelled.")}
#: Errors of operations that take If-Match.
IF_MATCH: ErrorExamples = {"stale": PreconditionFailedError()}
#: Errors of operations that notify others, except cancelling.
QUOTAS: ErrorExamples = {
    name: quota_error(name, 1740, ApiSettings(database_url=""))
    for name in ("wave_quota", "notification_quota", "wave_too_large")
}
