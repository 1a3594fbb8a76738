"""What all models of the HTTP contract share."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict


class RequestModel(BaseModel):
    """A request body: what is not named here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """A response body, made from rows. Every field is always there."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Page[Item](ResponseModel):
    """A page of a list; `next_cursor` asks for the following one and is null at the end."""

    items: list[Item]
    next_cursor: str | None


class RefusedPlaceError(ValueError):
    """A value refused for what stands inside it; `place` is the pointer from the value to the culprit."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(detail)
        self.place = place


def refuse_duplicates[Value](
    values: list[Value], key: Callable[[Value], object] = lambda it: it
) -> list[Value]:
    """The values as they are; raises RefusedPlaceError at the first that equals an earlier one by `key`."""
    seen = set()
    for index, value in enumerate(values):
        if key(value) in seen:
            raise RefusedPlaceError(f"/{index}", "stands here for the second time")
        seen.add(key(value))
    return values
