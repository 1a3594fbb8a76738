"""Idempotency-Key: quoted as the draft has it, or bare as clients send it."""

import pytest
from convoke.errors import UnacceptableError
from convoke_api.idempotency.key import identify_request
from hypothesis import given, settings
from hypothesis import strategies as st

draws = settings(derandomize=True, database=None, deadline=None, max_examples=100)
printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
keys = st.text(printable, min_size=1, max_size=255)


def read(header: str) -> str | None:
    return identify_request("POST", "/v1/events", header, b"").key


def quote(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


@draws
@given(keys)
def test_any_printable_key_can_be_sent_quoted(key: str) -> None:
    assert read(quote(key)) == key


@draws
@given(keys)
def test_a_bare_key_is_the_same_as_the_quoted_one(key: str) -> None:
    try:
        bare = read(key)
    except UnacceptableError:
        assert "\\" in key or '"' in key or key != key.strip()
    else:
        assert bare == key or key == quote(bare or "")


@draws
@given(st.text() | keys.map(lambda key: key * 300))
def test_a_key_is_one_to_255_printable_characters(header: str) -> None:
    try:
        key = read(header)
    except UnacceptableError:
        return
    assert key is not None
    assert 1 <= len(key) <= 255
    assert key.isascii()
    assert key.isprintable()


@pytest.mark.parametrize(
    "header", ["", '""', '"', 'a"', '"a', "a\\b", '"a\\b"', " a", "a ", "ä", "a\n", '"a"\n']
)
def test_what_is_no_key_is_unacceptable(header: str) -> None:
    with pytest.raises(UnacceptableError, match="Idempotency-Key"):
        read(header)


def test_no_header_is_no_key() -> None:
    assert identify_request("POST", "/v1/events", None, b"").key is None


@draws
@given(st.binary(), st.binary())
def test_equal_bytes_are_one_request_and_others_are_not(one: bytes, other: bytes) -> None:
    first, second = (identify_request("POST", "/v1/events", "k", body) for body in (one, other))

    assert (first == second) is (one == other)


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/events"), ("POST", "/v1/events/x/participants")])
def test_method_and_path_are_the_scope_of_a_key(method: str, path: str) -> None:
    request = identify_request("POST", "/v1/events", "k", b"")

    assert identify_request(method, path, "k", b"").scope != request.scope
