"""Bodies that are no JSON, or JSON that could be read in two ways, and the media types of bodies."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, check_problem, pointers
from integration.api.rejections import check_rejected

SECRET = "SECRET-7f3a"

ID = "00000000-0000-0000-0000-000000000001"
BODIES = [
    ("POST", "/v1/events"),
    ("PATCH", f"/v1/events/{ID}"),
    ("POST", f"/v1/events/{ID}/participants"),
    ("PATCH", f"/v1/events/{ID}/participants/me"),
    ("PATCH", f"/v1/notifications/{ID}"),
    ("POST", "/v1/notifications/read-all"),
    ("PATCH", "/v1/me"),
    ("PUT", "/v1/me/preferences"),
]

NO_JSON: dict[str, bytes] = {
    "white space": b"  \n",
    "cut off": b'{"title": "SECRET-7f3a',
    "a word": b"SECRET-7f3a",
    "single quotes": b"{'title': 'SECRET-7f3a'}",
    "trailing comma": b'{"title": "SECRET-7f3a",}',
    "something behind": b'{"title": "SECRET-7f3a"} x',
    "two documents": b'{"title": "SECRET-7f3a"}{"title": "b"}',
    "a comment": b'{"title": "SECRET-7f3a" /* x */}',
    "raw control character": b'{"title": "SECRET-7f3a\x00"}',
    "raw newline": b'{"title": "SECRET-7f3a\n"}',
    "bad escape": rb'{"title": "SECRET-7f3a\x"}',
    "NUL": b"\x00",
    "BOM": b'\xef\xbb\xbf{"title": "SECRET-7f3a"}',
    "UTF-16": '{"title": "SECRET-7f3a"}'.encode("utf-16"),
    "UTF-32": '{"title": "SECRET-7f3a"}'.encode("utf-32-be"),
    "Latin-1": '{"title": "SECRET-7f3a ï"}'.encode("latin-1"),
    "encoded surrogate": b'{"title": "SECRET-7f3a \xed\xa0\x80"}',
    "overlong encoding": b'{"title": "SECRET-7f3a \xc0\xaf"}',
    "NaN": b'{"title": "SECRET-7f3a", "sequence": NaN}',
    "Infinity": b'{"title": "SECRET-7f3a", "sequence": Infinity}',
    "-Infinity": b'{"title": "SECRET-7f3a", "reminder_minutes": [-Infinity]}',
    "duplicate key": b'{"title": "SECRET-7f3a", "title": "SECRET-7f3a"}',
    "duplicate key, escaped": b'{"title": "SECRET-7f3a", "\\u0074itle": "b"}',
    "duplicate key within": b'{"x": {"a": [{"b": 1, "b": 1}]}}',
    "10^5000": b'{"sequence": 1' + b"0" * 5_000 + b"}",
    "deep lists": b"[" * 100_000,
    "deep lists, closed": b'{"title": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep objects": b'{"a":' * 100_000,
}


def test_these_are_all_the_requests_with_a_body(anna: Client) -> None:
    paths = anna.get("/v1/openapi.json").json["paths"]
    described = {
        (method.upper(), re.sub(r"\{\w+\}", ID, path))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }

    assert described == set(BODIES)


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON)
def test_what_is_not_one_unambiguous_json_text_is_malformed(
    anna: Client, person: Callable[..., Client], raw: bytes
) -> None:
    boris = person("boris")
    for method, path in BODIES:
        response = anna.call(method, path, raw=raw)
        assert response.status == 400
        check_rejected(anna, boris, response, SECRET)


@pytest.mark.parametrize(
    ("raw", "blamed"),
    [
        ("null", ""),
        ("true", ""),
        ("7", ""),
        ("1e9999", ""),
        ('"SECRET-7f3a"', ""),
        ("[]", ""),
        ('["SECRET-7f3a"]', ""),
        ("{}", "/title"),
        ("[" * 200 + "]" * 200, ""),
        ('{"title": ' + "[" * 200 + "]" * 200 + "}", "/title"),
        ('{"sequence": 1e9999}', "/sequence"),
        ('{"sequence": -1e9999}', "/sequence"),
        ('{"sequence": 1' + "0" * 400 + "}", "/sequence"),
        ('{"sequence": 0.0000000000000000000000001}', "/sequence"),
        ('{"title": "\\ud800 SECRET-7f3a"}', "/title"),
        ('{"\\ud800": "SECRET-7f3a"}', ""),
        ('{"a": 1, "\\u0000": "SECRET-7f3a"}', "/a"),
    ],
    ids=lambda raw: raw[:24],
)
def test_json_of_another_shape_is_not_acceptable(
    anna: Client, person: Callable[..., Client], raw: str, blamed: str
) -> None:
    response = check_rejected(anna, person("boris"), anna.post("/v1/events", raw=raw), SECRET)

    assert blamed in pointers(response)


@pytest.mark.parametrize("raw", ["", b""])
def test_a_body_is_needed(anna: Client, raw: str | bytes) -> None:
    assert pointers(anna.post("/v1/events", raw=raw)) == [""]
    assert pointers(anna.patch("/v1/me", raw=raw)) == [""]


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/plain; charset=utf-8",
        "text/json",
        "application/xml",
        "application/json5",
        "application/jsonx",
        "application/problem+json",
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "SECRET-7f3a",
        "ж",
        "",
        ";",
    ],
)
def test_a_body_of_another_media_type_is_not_read(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], media_type: str
) -> None:
    boris = person("boris")
    for method, path in BODIES:
        body = event_body if path == "/v1/events" else {"full_name": "New"}
        response = anna.call(method, path, body, headers={"content-type": media_type})
        assert response.status == 415
        check_rejected(anna, boris, response, SECRET)
    assert anna.get("/v1/events").json["items"] == []
    assert anna.get("/v1/me").json["full_name"] == "Anna"


@pytest.mark.parametrize(
    "media_type",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;", " application/json ; a=b"],
)
def test_parameters_and_case_of_the_media_type_do_not_matter(
    anna: Client, event_body: dict[str, Any], media_type: str
) -> None:
    assert anna.post("/v1/events", event_body, headers={"content-type": media_type}).status == 201


def test_a_request_without_a_body_needs_no_media_type(anna: Client) -> None:
    for media_type in ("text/plain", "application/json"):
        headers = {"content-type": media_type}
        assert anna.get("/v1/me", headers=headers).status == 200
        assert anna.post("/v1/notifications/read-all", headers=headers).status == 200


def test_the_longest_body_that_the_gateway_lets_through_is_answered(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    raw = json.dumps({**event_body, "description": "x" * 6_000_000})

    check_problem(anna.post("/v1/events", raw=raw), 422)
    assert person("boris").post("/v1/events", event_body).status == 201
