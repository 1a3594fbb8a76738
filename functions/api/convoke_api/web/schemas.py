"""Defines what all models of the HTTP contract share: strict requests, responses, pages, bounded lists."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticKnownError, core_schema

#: Errors that a response lists at most; the search for wrong items and unknown fields stops there.
MAX_ERRORS = 100


class RequestModel(BaseModel):
    """A request body; unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_most_unknown_fields(cls, body: Any) -> Any:
        # pydantic makes an error for each unknown field, and an error takes a kilobyte.
        known = cls.model_fields
        if not isinstance(body, dict) or len(body) <= len(known) + MAX_ERRORS:
            return body
        unknown = islice((name for name in body if name not in known), MAX_ERRORS)
        present = [name for name in known if name in body]
        return {name: body[name] for name in (*present, *unknown)}


class ResponseModel(BaseModel):
    """A response body, made from rows. Every field is always present."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Page[Item](ResponseModel):
    """A page of a list; `next_cursor` is the cursor of the next page, or null on the last one."""

    items: list[Item]
    next_cursor: str | None


class InvalidPlaceError(ValueError):
    """A value with an invalid part; `place` is the JSON pointer from the value to that part."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(detail)
        self.place = place


@dataclass(frozen=True, slots=True)
class Bounded:
    """Limits a list to `most` items and reports the first MAX_ERRORS wrong ones.

    Without this, pydantic validates the items before it rejects the length, and makes an error for each wrong
    item.
    """

    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items: Any = {**handler(source), "max_length": self.most, "fail_fast": True}
        return core_schema.no_info_wrap_validator_function(self._validate, items)

    def _validate(self, values: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
        if isinstance(values, list) and len(values) > self.most:
            length = {"field_type": "List", "max_length": self.most, "actual_length": len(values)}
            raise PydanticKnownError("too_long", length)
        try:
            return validate(values)
        except ValidationError as error:
            if not isinstance(values, list):
                raise
            raise ValidationError.from_exception_data(
                error.title, list(islice(_find_wrong_items(values, validate), MAX_ERRORS))
            ) from None


def _find_wrong_items(
    values: list[Any], validate: core_schema.ValidatorFunctionWrapHandler
) -> Iterator[InitErrorDetails]:
    # Each call stops at the first wrong item; the next call starts after it.
    start = 0
    while True:
        try:
            validate(values[start:])
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                index, *rest = detail["loc"]
                yield InitErrorDetails(
                    type=detail["type"],
                    loc=(start + int(index), *rest),
                    input=None,
                    ctx=detail.get("ctx", {}),
                )
            start += int(index) + 1
        else:
            return


def ensure_unique[Value](values: list[Value], key: Callable[[Value], str | bytes]) -> list[Value]:
    """Return the values unchanged; raise InvalidPlaceError for the first with the `key` of an earlier one.

    Keys are text or bytes, whose hashes are salted: the hash of a UUID or a number can be predicted, and
    values with equal hashes make a set quadratic.
    """
    seen: set[str | bytes] = set()
    for index, value_key in enumerate(map(key, values)):
        if value_key in seen:
            raise InvalidPlaceError(f"/{index}", "is a duplicate")
        seen.add(value_key)
    return values
