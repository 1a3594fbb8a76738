"""Opaque cursors and the pages that they continue."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal
from uuid import UUID

import pytest
import simplejson
from convoke.errors import UnacceptableError
from convoke_api.web.fields import Instant
from convoke_api.web.pagination import MAX_RESPONSE_BYTES, count_bytes, cut_page, decode_cursor, encode_cursor
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

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


class Thing(BaseModel):
    number: int
    text: str = ""


def read_pages(things: list[Thing], limit: int) -> list[list[Thing]]:
    pages, start = [], 0
    while True:
        page, cursor = cut_page(
            things[start : start + limit + 1],
            limit,
            key=lambda thing: (thing.number,),
            make=lambda thing: thing,
            count_text=lambda thing: len(thing.text),
        )
        pages.append(page)
        after = decode_cursor(cursor, TypeAdapter(tuple[int]))
        if after is None:
            return pages
        start = after[0] + 1


@draws
@given(number=st.integers(0, 30), limit=st.integers(1, 10))
def test_pages_hold_every_row_once_and_the_last_has_no_cursor(number: int, limit: int) -> None:
    things = [Thing(number=n) for n in range(number)]

    pages = read_pages(things, limit)

    assert [thing for page in pages for thing in page] == things
    assert all(len(page) == limit for page in pages[:-1])


#: Letters of one to four bytes, what JSON escapes once or twice, and line separators.
texts = st.text(st.sampled_from('aжあ😀"\\\n\t\u2028'), min_size=1, max_size=5)


@draws
@given(st.lists(st.tuples(texts, st.integers(0, 400_000)), max_size=8), st.integers(1, 10))
def test_a_page_ends_early_where_it_would_not_fit(drawn: list[tuple[str, int]], limit: int) -> None:
    things = [Thing(number=n, text=text * length) for n, (text, length) in enumerate(drawn)]

    pages = read_pages(things, limit)

    assert [thing for page in pages for thing in page] == things
    for page, following in pairwise(pages):
        leaving = [count_bytes(thing.model_dump_json()) for thing in page]
        assert sum(leaving) <= MAX_RESPONSE_BYTES or len(page) == 1
        # No page ends before it has to.
        if len(page) < limit:
            assert sum(leaving) + count_bytes(following[0].model_dump_json()) > MAX_RESPONSE_BYTES


@draws
@given(texts)
def test_bytes_are_counted_as_lambda_sends_them(text: str) -> None:
    body = Thing(number=1, text=text).model_dump_json()

    sent = len(simplejson.dumps(body, ensure_ascii=False).encode()) - 2

    assert sent <= count_bytes(body) <= sent + 3 * body.count("\u2028")
