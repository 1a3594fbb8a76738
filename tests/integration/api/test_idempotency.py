"""Idempotency-Key: the same request, sent again, gets the same response and does nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, Query, RecordingQueue, check_problem, pointers, version_of


def key(value: str) -> dict[str, str]:
    return {"idempotency-key": value}


def age_records(query: Query, client: Client, age: str) -> None:
    query(
        """
        UPDATE idempotency_records SET created_at = now() - CAST(:age AS interval)
        WHERE user_id = :id
        """,
        age=age,
        id=client.id,
    )


def test_a_repeated_request_is_answered_with_the_event_as_it_is_now(
    anna: Client,
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
    queue: RecordingQueue,
) -> None:
    body = {**event_body, "participant_ids": make_users(2)}
    first = anna.post("/v1/events", body, headers=key("k"))
    sent, changed = list(queue.sent), {"title": "Новое название", "id": first.json["id"]}
    query("UPDATE events SET title = :title, version = 2 WHERE id = :id", **changed)

    again = anna.post("/v1/events", body, headers=key("k"))

    assert (first.status, again.status) == (201, 201)
    assert again.headers["location"] == first.headers["location"]
    assert again.json == {**first.json, "title": "Новое название", "version": 2}
    assert version_of(again) == "2"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert queue.sent == sent
    assert len(query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id)) == 1
    assert len(query("SELECT 1 FROM outbox WHERE event_id = :id", id=first.json["id"])) == 1


def test_without_a_key_each_request_is_one_of_its_own(anna: Client, event_body: dict[str, Any]) -> None:
    responses = [anna.post("/v1/events", event_body) for _ in range(2)]

    assert responses[0].json["id"] != responses[1].json["id"]
    assert all("idempotency-replayed" not in response.headers for response in responses)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace("Планёрка", "Планерка"),
        lambda body: body + " ",
        lambda body: body.replace("{", "{ ", 1),
        lambda body: body.replace('"title"', '"location": null, "title"', 1),
    ],
    ids=["another title", "a space behind", "a space inside", "a null more"],
)
def test_another_body_cannot_use_the_key(
    anna: Client, event_text: str, change: Callable[[str], str], query: Query
) -> None:
    first = anna.post("/v1/events", raw=event_text, headers=key("k"))

    assert pointers(anna.post("/v1/events", raw=change(event_text), headers=key("k"))) == []

    assert len(query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id)) == 1
    again = anna.post("/v1/events", raw=event_text, headers=key("k"))
    assert again.json == first.json


@pytest.fixture
def event_text(event_body: dict[str, Any]) -> str:
    """The request as text, each member as the client has written it."""
    return (
        f'{{"title": "{event_body["title"]}", "starts_at": "{event_body["starts_at"]}", '
        f'"ends_at": "{event_body["ends_at"]}", "reminder_minutes": []}}'
    )


def test_the_encoding_of_the_payload_makes_no_other_body(anna: Client, event_text: str) -> None:
    as_text = anna.post("/v1/events", raw=event_text, headers=key("k"))
    as_bytes = anna.post("/v1/events", raw=event_text.encode(), headers=key("k"))

    assert as_bytes.json == as_text.json


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("abc", '"abc"', True),
        ("a b", '"a b"', True),
        ('"a\\"b\\\\c"', '"a\\"b\\\\c"', True),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', True),
        ("k" * 255, '"' + "k" * 255 + '"', True),
        ("abc", "ABC", False),
        ("abc", "abcd", False),
        ("abc", '"abc "', False),
    ],
)
def test_quoted_and_bare_keys_are_the_same(
    anna: Client, event_body: dict[str, Any], one: str, other: str, same: bool
) -> None:
    responses = [anna.post("/v1/events", event_body, headers=key(it)) for it in (one, other)]

    assert [response.status for response in responses] == [201, 201]
    assert (responses[0].json["id"] == responses[1].json["id"]) is same


@pytest.mark.parametrize(
    "value",
    [
        "",
        '""',
        '"',
        '"abc',
        'abc"',
        'a"b',
        '"a"b"',
        '"a\\b"',
        "ключ",
        "a\tb",
        "a\x00b",
        "k" * 256,
        "k" * 100_000,
    ],
    ids=lambda value: ascii(value)[:12],
)
def test_what_is_no_key_is_refused_and_nothing_is_created(
    anna: Client, event_body: dict[str, Any], value: str, query: Query
) -> None:
    check_problem(anna.post("/v1/events", event_body, headers=key(value)), 422)

    assert query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id) == []


def test_the_same_key_of_somebody_else_is_another_key(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    first = anna.post("/v1/events", event_body, headers=key("k"))

    other = person("boris").post("/v1/events", {**event_body, "title": "Другая"}, headers=key("k"))

    assert other.status == 201
    assert other.json["id"] != first.json["id"]
    assert "idempotency-replayed" not in other.headers


def test_a_key_is_kept_for_a_day_and_can_then_be_used_anew(
    anna: Client, event_body: dict[str, Any], query: Query
) -> None:
    first = anna.post("/v1/events", event_body, headers=key("k"))
    age_records(query, anna, "23:59:50")
    kept = anna.post("/v1/events", event_body, headers=key("k"))
    age_records(query, anna, "24:00:01")

    other = {**event_body, "title": "Другая"}
    second = anna.post("/v1/events", other, headers=key("k"))

    assert kept.json == first.json
    assert (second.status, "idempotency-replayed" in second.headers) == (201, False)
    assert second.json["id"] != first.json["id"]
    replayed = anna.post("/v1/events", other, headers=key("k"))
    assert (replayed.json, replayed.headers["idempotency-replayed"]) == (second.json, "true")


def test_a_refusal_is_not_kept(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    (boris_id,) = make_users(1)
    body = {**event_body, "participant_ids": [boris_id], "uid": "weekly"}
    taken = anna.post("/v1/events", {**event_body, "uid": "weekly"}).json

    def attempt() -> int:
        return anna.post("/v1/events", body, headers=key("k")).status

    assert attempt() == 409
    query("UPDATE events SET uid = 'other' WHERE id = :id", id=taken["id"])
    query("UPDATE users SET erased_at = now() WHERE id = :id", id=boris_id)
    assert attempt() == 422
    query("UPDATE users SET erased_at = NULL WHERE id = :id", id=boris_id)
    assert attempt() == 201
    assert attempt() == 201


def test_what_is_kept_of_a_request_is_a_hash(anna: Client, event_body: dict[str, Any], query: Query) -> None:
    anna.post("/v1/events", {**event_body, "title": "MARKED"}, headers=key("k"))

    (record,) = query("SELECT * FROM idempotency_records WHERE user_id = :id", id=anna.id)

    assert len(record["request_hash"]) == 32
    assert "MARKED" not in repr(record)
    assert (record["scope"], record["key"], record["status"]) == ("POST /v1/events", "k", 201)


def test_an_organizer_gets_the_response_again_for_an_event_that_is_cancelled_meanwhile(
    anna: Client, event_body: dict[str, Any], query: Query
) -> None:
    first = anna.post("/v1/events", event_body, headers=key("k"))
    query("UPDATE events SET status = 'cancelled', version = 2 WHERE id = :id", id=first.json["id"])

    again = anna.post("/v1/events", event_body, headers=key("k"))

    assert (again.status, again.json["status"]) == (201, "cancelled")


def test_a_repeated_all_day_request_is_answered_after_the_caller_has_moved_to_another_zone(
    anna: Client, event_body: dict[str, Any]
) -> None:
    del event_body["time_zone"]
    all_day = {
        **event_body,
        "all_day": True,
        "starts_at": "2030-03-01T00:00:00Z",
        "ends_at": "2030-03-02T00:00:00Z",
    }
    first = anna.post("/v1/events", all_day, headers=key("k"))
    anna.patch("/v1/me", {"time_zone": "Asia/Tokyo"})

    again = anna.post("/v1/events", all_day, headers=key("k"))

    assert (again.status, again.json) == (201, first.json)
