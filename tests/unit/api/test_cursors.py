"""Opaque cursors and the pages that they continue."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest
from convoke.errors import UnacceptableError
from convoke_api.cursors import cut_page, decode_cursor, encode_cursor
from convoke_api.fields import Instant
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

KEYS = TypeAdapter(tuple[Literal["things"], Instant, UUID])

draws = settings(derandomize=True, database=None, deadline=None, max_examples=100)
instants = st.integers(0, 4_133_894_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@draws
@given(instant=instants, thing_id=st.uuids())
def test_a_cursor_reads_back_as_its_keys(instant: datetime, thing_id: UUID) -> None:
    cursor = encode_cursor("things", instant.isoformat(), thing_id)

    assert decode_cursor(cursor, KEYS) == ("things", instant, thing_id)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_without_a_cursor_there_are_no_keys() -> None:
    assert decode_cursor(None, KEYS) is None


@draws
@given(st.text(max_size=200) | st.binary(max_size=80).map(lambda it: encode_cursor(it.hex())))
def test_what_is_no_cursor_is_unacceptable_and_nothing_worse(cursor: str) -> None:
    with pytest.raises(UnacceptableError) as refused:
        decode_cursor(cursor, KEYS)

    assert [problem.pointer for problem in refused.value.problems] == ["/cursor"]


@draws
@given(thing_id=st.uuids(), cut=st.integers(1, 40))
def test_a_cursor_that_was_cut_off_is_unacceptable(thing_id: UUID, cut: int) -> None:
    cursor = encode_cursor("things", "2030-01-01T00:00:00+00:00", thing_id)

    with pytest.raises(UnacceptableError):
        decode_cursor(cursor[:-cut], KEYS)


def test_a_cursor_of_another_list_is_unacceptable() -> None:
    with pytest.raises(UnacceptableError):
        decode_cursor(encode_cursor("others", "2030-01-01T00:00:00+00:00", UUID(int=0)), KEYS)


@draws
@given(number=st.integers(0, 30), limit=st.integers(1, 10))
def test_pages_hold_every_row_once_and_the_last_has_no_cursor(number: int, limit: int) -> None:
    rows, read, start = list(range(number)), [], 0
    keys = TypeAdapter(tuple[int])
    while True:
        page, cursor = cut_page(rows[start : start + limit + 1], limit, key=lambda row: (row,))
        read += page
        after = decode_cursor(cursor, keys)
        if after is None:
            break
        assert len(page) == limit
        start = after[0] + 1

    assert read == rows
