"""Cursors are opaque, and a forged one opens nothing but the caller's own list."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from integration.api.client import Client, Query, pointers

NIL = "00000000-0000-0000-0000-000000000000"


def forge(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


GARBAGE = [
    "",
    "x",
    "AAAA",
    "%00",
    "%F0%9F%98%80",
    "....",
    quote("' OR 1=1 --"),
    "=" * 4,
    "A" * 501,
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b"[" * 300).decode(),
    base64.urlsafe_b64encode(b"NaN").decode(),
    base64.urlsafe_b64encode(b"null").decode(),
    base64.urlsafe_b64encode(b"1" * 300).decode(),
    base64.urlsafe_b64encode(b'{"a": "b"}').decode(),
    base64.urlsafe_b64encode(b'["\\ud800"]').decode(),
    forge(),
    forge(None),
    forge(NIL, NIL),
    forge(NIL, NIL, NIL),
    forge("x"),
    forge("2030-01-01T00:00:00Z", "x"),
    forge("2030-01-01T00:00:00", NIL),
    forge("0001-01-01T00:00:00+14:00", NIL),
    forge("9999-12-31T23:59:59-14:00", NIL),
    forge("infinity", NIL),
    forge("-infinity", NIL),
    forge("1e400", NIL),
    forge(float(10**300), NIL),
    forge(True, NIL),
    forge("2030-01-01T00:00:00Z", "a\x00b"),
]
GARBAGE += [
    forge("events", instant, NIL)
    for instant in (
        "2030-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "infinity",
        "1893456000",
        1893456000,
        None,
        "2030-01-01T00:00:00Z' OR true --",
    )
]
GARBAGE += [
    forge(name, key)
    for name in ("notifications", "participants")
    for key in (None, 1, "x", NIL + "0", "a\x00b", [NIL], {"id": NIL})
]


@pytest.fixture
def lists(anna: Client, event_body: dict[str, Any]) -> list[str]:
    """The lists that have pages."""
    event = anna.post("/v1/events", event_body).json
    return ["/v1/events", "/v1/notifications", f"/v1/events/{event['id']}/participants"]


@pytest.mark.parametrize("cursor", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_cursor_is_refused_by_every_list(anna: Client, lists: list[str], cursor: str) -> None:
    for path in lists:
        assert pointers(anna.get(f"{path}?cursor={cursor}")) == ["/cursor"]
        assert anna.get("/v1/me").json["email"] == anna.email


def test_a_cursor_of_another_list_is_refused(
    anna: Client,
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    notify: Callable[..., list[Any]],
) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_ids": make_users(2)}).json
    anna.post("/v1/events", event_body)
    notify(anna.id, 2)
    paths = ["/v1/events", "/v1/notifications", f"/v1/events/{event['id']}/participants"]
    cursors = {path: anna.get(f"{path}?limit=1").json["next_cursor"] for path in paths}

    for path in paths:
        for other, cursor in cursors.items():
            response = anna.get(f"{path}?cursor={cursor}")
            if path == other:
                assert response.status == 200
            else:
                assert pointers(response) == ["/cursor"]


def test_a_cursor_shows_nobody_elses_list(
    anna: Client,
    person: Callable[..., Client],
    event_body: dict[str, Any],
    notify: Callable[..., list[Any]],
    query: Query,
) -> None:
    boris = person("boris")
    for _ in range(2):
        boris.post("/v1/events", event_body)
    notify(boris.id, 2)
    mine = anna.post("/v1/events", {**event_body, "starts_at": "2030-01-01T00:00:00Z"}).json

    for path in ("/v1/events", "/v1/notifications"):
        cursor = boris.get(f"{path}?limit=1").json["next_cursor"]
        page = anna.get(f"{path}?cursor={cursor}").json
        assert page["items"] == []
        assert page["next_cursor"] is None
    assert [it["id"] for it in anna.get("/v1/events").json["items"]] == [mine["id"]]


def test_a_stranger_gets_no_further_with_the_organizers_cursor(
    anna: Client,
    person: Callable[..., Client],
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_ids": make_users(2)}).json
    path = f"/v1/events/{event['id']}/participants"
    cursor = anna.get(f"{path}?limit=1").json["next_cursor"]

    assert person("boris").get(f"{path}?cursor={cursor}").status == 404


def test_a_cursor_holds_nothing_about_people(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]], domain: str
) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_ids": make_users(2)}).json
    anna.post("/v1/events", event_body)

    for path in ("/v1/events", f"/v1/events/{event['id']}/participants"):
        cursor = anna.get(f"{path}?limit=1").json["next_cursor"]
        unpacked = base64.urlsafe_b64decode(cursor + "==").decode(errors="replace")
        assert event_body["title"] not in unpacked
        assert domain not in unpacked
