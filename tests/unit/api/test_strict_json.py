"""JSON that can be read in one way only."""

import json
from typing import Any

import pytest
from convoke_api.web.strict_json import parse_json
from fastapi import HTTPException
from hypothesis import given, settings
from hypothesis import strategies as st

draws = settings(derandomize=True, database=None, deadline=None, max_examples=100)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@draws
@given(value=json_values, ascii_only=st.booleans())
def test_json_reads_back(value: Any, ascii_only: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@draws
@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()[:-1]))
def test_other_bytes_are_malformed_and_nothing_worse(body: bytes) -> None:
    try:
        value = parse_json(body)
    except HTTPException as error:
        status = error.status_code
    else:
        assert json.loads(body.decode()) == value
        return
    assert status == 400


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_json_is_utf_8_without_a_byte_order_mark(encoding: str) -> None:
    with pytest.raises(HTTPException) as refused:
        parse_json('{"title": "ïé"}'.encode(encoding))

    assert refused.value.status_code == 400


@draws
@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=1, max_size=4), st.data())
def test_a_key_that_stands_twice_in_one_object_is_refused_at_any_depth(
    members: dict[str, Any], data: st.DataObject
) -> None:
    twice = data.draw(st.sampled_from(sorted(members)))
    text = json.dumps(members)[:-1] + ", " + json.dumps({twice: 0})[1:]

    for nested in (text, f"[{text}]", f'{{"a": {{"b": [1, {text}]}}}}'):
        with pytest.raises(HTTPException) as refused:
            parse_json(nested.encode())
        assert refused.value.status_code == 400
