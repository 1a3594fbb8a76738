"""/v1/me: the caller."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, pointers


def test_defaults_stand_in_for_what_nobody_has_said(anna: Client) -> None:
    assert anna.get("/v1/me").json == {
        "id": anna.id,
        "email": anna.email,
        "full_name": "Anna",
        "locale": "ru",
        "time_zone": "UTC",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"full_name": "Анна К."},
        {"locale": "en"},
        {"locale": "pt-BR"},
        {"time_zone": "Europe/Berlin"},
        {"full_name": "A", "locale": "ru", "time_zone": "Asia/Tokyo"},
        {},
    ],
)
def test_what_is_named_changes_and_the_rest_stays(anna: Client, change: dict[str, str]) -> None:
    before = anna.get("/v1/me").json

    response = anna.patch("/v1/me", change)

    assert (response.status, response.json) == (200, {**before, **change})
    assert anna.get("/v1/me").json == response.json


def test_claims_of_a_later_call_undo_no_change(person: Callable[..., Client]) -> None:
    anna = person("anna", locale="en")
    anna.patch("/v1/me", {"full_name": "Анна", "locale": "de"})

    me = person("anna", locale="en", name="Anna").get("/v1/me").json

    assert (me["full_name"], me["locale"]) == ("Анна", "de")


def test_nobody_else_changes(anna: Client, person: Callable[..., Client]) -> None:
    boris = person("boris")
    before = boris.get("/v1/me").json

    anna.patch("/v1/me", {"full_name": "Somebody"})

    assert boris.get("/v1/me").json == before


@pytest.mark.parametrize(
    ("change", "blamed"),
    [
        ({"full_name": None}, "/full_name"),
        ({"full_name": ""}, "/full_name"),
        ({"full_name": "x" * 201}, "/full_name"),
        ({"full_name": "a\x00b"}, "/full_name"),
        ({"full_name": 7}, "/full_name"),
        ({"locale": None}, "/locale"),
        ({"locale": ""}, "/locale"),
        ({"locale": "русский"}, "/locale"),
        ({"locale": "x" * 36}, "/locale"),
        ({"time_zone": None}, "/time_zone"),
        ({"time_zone": ""}, "/time_zone"),
        ({"time_zone": "Mars/Base"}, "/time_zone"),
        ({"time_zone": "europe/berlin"}, "/time_zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"time_zone": "localtime"}, "/time_zone"),
        ({"email": "other@example.org"}, "/email"),
        ({"id": "00000000-0000-0000-0000-000000000001"}, "/id"),
        ({"subject_hash": "x"}, "/subject_hash"),
        ([], ""),
        ("full_name", ""),
        (7, ""),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(anna: Client, change: Any, blamed: str) -> None:
    before = anna.get("/v1/me").json

    assert pointers(anna.patch("/v1/me", change)) == [blamed]
    assert anna.get("/v1/me").json == before


def test_one_bad_field_keeps_the_good_ones_from_changing(anna: Client) -> None:
    assert pointers(anna.patch("/v1/me", {"full_name": "New", "locale": ""})) == ["/locale"]
    assert anna.get("/v1/me").json["full_name"] == "Anna"
