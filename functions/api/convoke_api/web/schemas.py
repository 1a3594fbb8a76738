"""What all models of the HTTP contract share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticKnownError, core_schema

#: How many errors a response lists, and how many wrong items or unknown fields are looked for.
MAX_ERRORS = 100


class RequestModel(BaseModel):
    """A request body: what is not named here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_most_unknown_fields(cls, body: Any) -> Any:
        # pydantic makes an error of each unknown field, and an error takes a kilobyte.
        known = cls.model_fields
        if not isinstance(body, dict) or len(body) <= len(known) + MAX_ERRORS:
            return body
        unknown = islice((name for name in body if name not in known), MAX_ERRORS)
        return {name: body[name] for name in (*filter(body.__contains__, known), *unknown)}


class ResponseModel(BaseModel):
    """A response body, made from rows. Every field is always there."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Page[Item](ResponseModel):
    """A page of a list; `next_cursor` asks for the following one and is null at the end."""

    items: list[Item]
    next_cursor: str | None


class InvalidPlaceError(ValueError):
    """A value refused for what stands inside it; `place` is the pointer from the value to the culprit."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(detail)
        self.place = place


@dataclass(frozen=True, slots=True)
class Bounded:
    """Annotates a list of at most `most` items, of which the first MAX_ERRORS wrong ones are named.

    pydantic alone looks at items before it refuses the length, and makes an error of each wrong item.
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
    # Each call stops at the first wrong item, and the next one goes on behind it.
    start = 0
    while True:
        try:
            validate(values[start:])
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                index, *rest = fault["loc"]
                yield InitErrorDetails(
                    type=fault["type"],
                    loc=(start + int(index), *rest),
                    input=None,
                    ctx=fault.get("ctx", {}),
                )
            start += int(index) + 1
        else:
            return


def ensure_unique[Value](values: list[Value], key: Callable[[Value], str | bytes]) -> list[Value]:
    """Returns the values as they are; raises InvalidPlaceError at the first whose `key` an earlier one has.

    Keys are text or bytes, whose hash has a secret: the hash of a UUID or a number can be foreseen, and
    values with one hash make a set quadratic.
    """
    seen: set[str | bytes] = set()
    for index, name in enumerate(map(key, values)):
        if name in seen:
            raise InvalidPlaceError(f"/{index}", "is a duplicate")
        seen.add(name)
    return values
