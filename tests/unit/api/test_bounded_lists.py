"""Lists and unknown fields of requests: the first wrong places are named, and no more are looked for."""

from typing import Annotated
from uuid import UUID

import pytest
from convoke_api.web.schemas import MAX_ERRORS, Bounded, InvalidPlaceError, RequestModel, ensure_unique
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationError


class Things(RequestModel):
    numbers: Annotated[list[Annotated[int, Field(strict=True)]], Bounded(300)] = Field(default=[])
    name: str = ""


def find_faults(**fields: object) -> list[tuple[int | str, ...]]:
    with pytest.raises(ValidationError) as refused:
        Things.model_validate(fields)
    return [fault["loc"] for fault in refused.value.errors()]


@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@given(st.lists(st.booleans(), max_size=300))
def test_the_first_hundred_wrong_items_are_named_by_their_places(right: list[bool]) -> None:
    values = [n if it else "wrong" for n, it in enumerate(right)]
    wrong = [("numbers", n) for n, it in enumerate(right) if not it]

    if wrong:
        assert find_faults(numbers=values) == wrong[:MAX_ERRORS]
    else:
        assert Things.model_validate({"numbers": values}).numbers == values


@pytest.mark.parametrize("value", [None, "1", 7, {"0": 1}])
def test_what_is_no_list_is_one_fault(value: object) -> None:
    assert find_faults(numbers=value) == [("numbers",)]


def test_a_list_over_its_bound_is_one_fault() -> None:
    assert find_faults(numbers=[0] * 301) == [("numbers",)]
    assert len(Things(numbers=[0] * 300).numbers) == 300


def test_the_first_hundred_unknown_fields_are_named_beside_the_other_faults() -> None:
    unknown = {f"x{n}": 0 for n in range(1_000)}

    assert find_faults(**unknown, name=7) == [("name",), *((f"x{n}",) for n in range(MAX_ERRORS))]


def test_known_fields_count_wherever_they_stand_among_unknown_ones() -> None:
    faults = find_faults(**{f"x{n}": 0 for n in range(1_000)}, numbers=[1])

    assert ("numbers",) not in faults
    assert len(faults) == MAX_ERRORS


def test_a_duplicate_is_named_by_its_place() -> None:
    ids = [UUID(int=n) for n in (1, 2, 3, 2, 1)]

    with pytest.raises(InvalidPlaceError) as refused:
        ensure_unique(ids, str)
    assert (refused.value.place, str(refused.value)) == ("/3", "is a duplicate")
    assert ensure_unique(ids[:3], str) == ids[:3]
