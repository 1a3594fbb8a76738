"""The errors that operations answer with, as the errors themselves: their examples cannot say anything else.

A group maps the name of an example to the error; status and body are those of `convoke_api.web.problems`.
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
from convoke_api.people.quotas import quota_error
from convoke_api.settings import ApiSettings
from convoke_api.web.etags import LONGEST_CONDITION
from convoke_api.web.pagination import decode_cursor
from convoke_api.web.strict_json import StrictRequest, parse_json
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

type Refusals = Mapping[str, Exception]


def refusal_of(attempt: Callable[[], object]) -> Exception:
    """What the attempt raises."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we are asked for
        return error
    raise AssertionError("the attempt was to be refused")


def refused_body(model: type[BaseModel], body: Any) -> Exception:
    """What FastAPI raises for a body that the model refuses."""
    return _refused(lambda: model.model_validate(body), "body")


def refused_parameter(name: str, kind: Any, value: object) -> Exception:
    """What FastAPI raises for a query parameter whose type refuses the value."""
    return _refused(lambda: TypeAdapter(kind).validate_python(value), "query", name)


def _refused(attempt: Callable[[], object], *place: str) -> Exception:
    error = refusal_of(attempt)
    if not isinstance(error, ValidationError):
        raise error
    return RequestValidationError([{**fault, "loc": (*place, *fault["loc"])} for fault in error.errors()])


def _another_media_type() -> object:
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"text/plain")]}
    return StrictRequest(scope, None, b"{}")


#: Of every operation but /health.
NO_TOKEN: Refusals = {"no_token": NotAuthenticatedError()}
#: Of every operation that asks the database who is calling.
NOBODY: Refusals = {
    **NO_TOKEN,
    "erased": NotAuthenticatedError("The token was issued before the person was erased."),
    "database_away": DatabaseUnavailableError("no answer"),
}
#: Of operations with a body.
UNREADABLE_BODY: Refusals = {
    "no_json": refusal_of(lambda: parse_json(b"title=Meeting")),
    "duplicate_key": refusal_of(lambda: parse_json(b'{"title": "A", "title": "B"}')),
    "media_type": refusal_of(_another_media_type),
}
#: Of operations that take an Idempotency-Key.
KEY: Refusals = {
    "key_in_progress": key_in_progress_error(),
    "key_reused": key_reused_error(),
    "no_key": refusal_of(lambda: identify_request("POST", "/", "", b"")),
}
#: Of operations that answer with pages.
PAGE: Refusals = {
    "limit": refused_parameter("limit", Annotated[int, Field(ge=1, le=100)], 1000),
    "cursor": refusal_of(lambda: decode_cursor("bm9uZQ", TypeAdapter(tuple[int]))),
}
#: Of operations that change an event.
NOTIFY_ENDED: Refusals = {"notify_ended": refused_parameter("notify_ended", bool, "perhaps")}
#: Of operations that take a condition, by the name of its header.
LONG_CONDITIONS: Mapping[str, Refusals] = {
    name: {
        "long_condition": refused_parameter(
            name.lower(), Annotated[str, Field(max_length=LONGEST_CONDITION)], "x" * (LONGEST_CONDITION + 1)
        )
    }
    for name in ("If-Match", "If-None-Match")
}
#: Of operations on one thing.
MISSING: Refusals = {"missing": NotFoundError()}
#: Of operations that only the organizer may ask for.
NOT_THE_ORGANIZER: Refusals = {"participant": ForbiddenError("Only the organizer may do this.")}
#: Of operations that change an event.
CANCELLED: Refusals = {"cancelled": ConflictError("The event is cancelled.")}
#: Of operations that take If-Match.
STALE: Refusals = {"stale": PreconditionFailedError()}
#: Of operations that notify others, but for cancelling.
QUOTAS: Refusals = {
    name: quota_error(name, 1740, ApiSettings(database_url=""))
    for name in ("wave_quota", "notification_quota", "wave_too_large")
}
