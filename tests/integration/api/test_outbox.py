"""The outbox of a created event: rows that hold the data, messages that hold none."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from convoke.messages import encode_message
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import (
    Client,
    Query,
    RecordingQueue,
    from_now,
    list_owed,
)


def test_an_invitation_holds_the_data_for_its_text(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    ids = make_users(3)

    event = anna.post(
        "/v1/events",
        {**event_body, "participant_ids": ids, "description": "d"},
        headers={"x-correlation-id": "c-1"},
    ).json

    (row,) = list_owed(query, event)
    at = datetime.fromisoformat(event["created_at"])
    assert row["type"] == "event_invited"
    assert row["recipient_ids"] == [UUID(it) for it in ids]
    assert row["correlation_id"] == "c-1"
    assert (row["created_at"], row["due_at"], row["next_attempt_at"]) == (at, at, at + timedelta(seconds=120))
    assert (row["attempts"], row["delivered_at"], row["cancelled_at"], row["failed_at"]) == (
        0,
        None,
        None,
        None,
    )
    payload = row["payload"]
    assert datetime.fromisoformat(payload.pop("starts_at")) == datetime.fromisoformat(event["starts_at"])
    assert datetime.fromisoformat(payload.pop("ends_at")) == datetime.fromisoformat(event["ends_at"])
    assert payload == {
        "version": 1,
        "title": "Планёрка",
        "all_day": False,
        "time_zone": "Europe/Moscow",
        "actor_id": anna.id,
    }


def test_many_recipients_are_cut_into_rows_that_name_each_of_them_once(
    services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
    queue: RecordingQueue,
) -> None:
    small_rows = replace(services, settings=replace(services.settings, recipients_per_row=4))
    anna, ids = make_person(make_handler(small_rows), "anna"), make_users(10)

    event = anna.post("/v1/events", {**event_body, "participant_ids": ids}).json

    rows = list_owed(query, event)
    assert sorted(len(row["recipient_ids"]) for row in rows) == [2, 4, 4]
    assert sorted(str(it) for row in rows for it in row["recipient_ids"]) == ids
    assert {message.outbox_id for message, _ in queue.sent} == {row["id"] for row in rows}


def test_a_message_carries_ids_and_nothing_about_people(
    person: Callable[..., Client],
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    domain: str,
    queue: RecordingQueue,
) -> None:
    marked = {"title": "MARKED Планёрка", "description": "MARKED", "location": "MARKED", "uid": "MARKED"}
    anna = person("anna", name="MARKED")
    event = anna.post(
        "/v1/events",
        {
            **event_body,
            **marked,
            "starts_at": from_now(minutes=10),
            "ends_at": from_now(minutes=20),
            "reminder_minutes": [5],
            "participant_ids": make_users(2),
            "participant_emails": [f"marked@{domain}"],
        },
        headers={"x-correlation-id": "c-1", "idempotency-key": "MARKED"},
    ).json

    bodies = [encode_message(message) for message, _ in queue.sent]
    assert len(bodies) == 2
    for body in bodies:
        assert body.isascii()
        assert "MARKED" not in body.upper()
        assert domain not in body
        message = json.loads(body)
        UUID(message.pop("outbox_id"))
        assert message.pop("type") in ("event_invited", "event_reminder")
        assert message == {"schema": 1, "event_id": event["id"], "correlation_id": "c-1"}


def test_a_message_is_as_long_for_a_thousand_as_for_one(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]], queue: RecordingQueue
) -> None:
    ids = make_users(1_000)
    for invited in (ids[:1], ids):
        anna.post("/v1/events", {**event_body, "participant_ids": invited})

    one, thousand = (encode_message(message) for message, _ in queue.sent)
    assert len(one) == len(thousand)
