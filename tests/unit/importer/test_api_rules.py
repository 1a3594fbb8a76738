"""Hold the importer's rules for texts, addresses and days to those of the API, which it cannot import."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from convoke_api.web import fields
from convoke_importer import api_rules
from hypothesis import given
from hypothesis import strategies as st

ADDRESSES = st.one_of(
    st.emails(),
    st.tuples(st.text(max_size=70), st.text(max_size=70)).map("@".join),
    st.text(max_size=300),
    st.sampled_from(
        ["a@b", "a@b-.c", "a@xn--x", "ä@ü.de", "a@ü..de", ".@x", "a b@c", "<a>@b", "a@b@c", "@b", "a@"]
    ),
)


def is_accepted(parse: Callable[[str], str], value: str) -> bool:
    try:
        return parse(value) == value
    except ValueError:
        return False


@given(st.text(max_size=40))
def test_a_text_is_typable_where_the_api_accepts_it(text: str) -> None:
    assert api_rules.is_typable(text) == is_accepted(fields.parse_text, text)


def test_each_character_is_typable_where_the_api_accepts_it() -> None:
    for code in [*range(0x3000), *range(0xD700, 0x20000), 0x10FFFE]:
        assert api_rules.is_typable(chr(code)) == is_accepted(fields.parse_text, chr(code)), hex(code)


@given(ADDRESSES)
def test_an_address_is_one_where_the_api_accepts_it(address: str) -> None:
    assert is_accepted(api_rules.parse_email, address) == is_accepted(fields.parse_email, address)


@given(st.text(alphabet="a\r\n", max_size=10))
def test_line_ends_are_unified_as_in_the_api(text: str) -> None:
    assert api_rules.unify_line_ends(text) == fields.unify_line_ends(text)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "UTC"])
@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_day_starts_as_in_the_api(zone: str, instant: datetime) -> None:
    assert api_rules.start_of_day(instant, zone) == fields.start_of_day(instant, zone)
