"""GET /v1/events/{event_id}/deliveries: what became of each wave of notifications."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from convoke_api.invocation import Handler, make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query


@pytest.fixture
def handler(services: Services, event_loop: None) -> Handler:
    """Two recipients in each outbox row."""
    return make_handler(replace(services, settings=replace(services.settings, recipients_per_row=2)))


@pytest.fixture
def event(anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]]) -> dict[str, Any]:
    """Five people are invited; two reminders are to come."""
    created: dict[str, Any] = anna.post(
        "/v1/events", {**event_body, "participant_ids": make_users(5), "reminder_minutes": [15, 60]}
    ).json
    return created


def read(anna: Client, event: dict[str, Any]) -> list[dict[str, Any]]:
    response = anna.get(f"/v1/events/{event['id']}/deliveries")
    assert response.status == 200
    items: list[dict[str, Any]] = response.json["items"]
    for item in items:
        assert set(item) == {
            "type",
            "created_at",
            "due_at",
            "delivered_at",
            "recipients",
            "delivered",
            "pending",
            "failed",
        }
        parts = [item[name] for name in ("delivered", "pending", "failed")]
        assert sum(parts) == item["recipients"]
    return items


def test_at_first_all_is_pending_and_reminders_have_their_time(anna: Client, event: dict[str, Any]) -> None:
    pending = {"delivered_at": None, "delivered": 0, "failed": 0}
    created_at = event["created_at"]

    assert read(anna, event) == [
        # A reminder goes to the organizer too.
        {**pending, "type": "event_reminder", "created_at": created_at, "due_at": "2030-03-01T06:45:00Z"}
        | {"recipients": 6, "pending": 6},
        {**pending, "type": "event_reminder", "created_at": created_at, "due_at": "2030-03-01T06:00:00Z"}
        | {"recipients": 6, "pending": 6},
        {**pending, "type": "event_invited", "created_at": created_at, "due_at": None}
        | {"recipients": 5, "pending": 5},
    ]


def test_the_rows_of_a_wave_are_one_item_whose_counts_add_up(
    anna: Client, event: dict[str, Any], query: Query
) -> None:
    rows = query(
        "SELECT id, cardinality(recipient_ids) AS size FROM outbox "
        "WHERE event_id = :id AND type = 'event_invited' ORDER BY size DESC, id",
        id=event["id"],
    )
    assert [row["size"] for row in rows] == [2, 2, 1]
    query(
        "UPDATE outbox SET delivered_at = '2030-01-01T00:00:00Z', written = 1, muted = 1 WHERE id = :id",
        id=rows[0]["id"],
    )
    query("UPDATE outbox SET failed_at = now(), failure = 'poison' WHERE id = :id", id=rows[1]["id"])

    wave = read(anna, event)[-1]

    assert wave["recipients"] == 5
    assert [wave[name] for name in ("delivered", "pending", "failed")] == [2, 1, 2]
    assert wave["delivered_at"] is None

    query(
        """
        UPDATE outbox SET delivered_at = '2030-01-01T00:00:01Z', written = cardinality(recipient_ids),
               muted = 0, failed_at = NULL
        WHERE id = :one OR id = :other
        """,
        one=rows[1]["id"],
        other=rows[2]["id"],
    )
    wave = read(anna, event)[-1]
    assert [wave[name] for name in ("delivered", "pending", "failed")] == [5, 0, 0]
    assert wave["delivered_at"] == "2030-01-01T00:00:01Z"


def test_the_recipients_of_a_reminder_are_those_of_today(
    anna: Client, event: dict[str, Any], query: Query
) -> None:
    ids = [it["user_id"] for it in event["participants"]]
    query("UPDATE event_participants SET response_status = 'declined' WHERE user_id = :id", id=ids[0])
    query("DELETE FROM event_participants WHERE user_id = :id", id=ids[1])

    assert [item["recipients"] for item in read(anna, event)] == [4, 4, 5]


def test_an_organizer_who_takes_part_is_reminded_once(anna: Client, event_body: dict[str, Any]) -> None:
    event = anna.post(
        "/v1/events", {**event_body, "participant_ids": [anna.id], "reminder_minutes": [15]}
    ).json

    assert [(item["type"], item["recipients"]) for item in read(anna, event)] == [("event_reminder", 1)]


def test_a_delivered_reminder_counts_those_who_got_it(
    anna: Client, event: dict[str, Any], query: Query
) -> None:
    query(
        """
        UPDATE outbox SET delivered_at = now(), written = 3, muted = 2
        WHERE event_id = :id AND due_at = '2030-03-01T06:00:00Z'
        """,
        id=event["id"],
    )

    item = read(anna, event)[1]

    assert [item[it] for it in ("recipients", "delivered", "pending")] == [5, 5, 0]


def test_a_reminder_that_no_longer_holds_is_not_listed(
    anna: Client, event: dict[str, Any], query: Query
) -> None:
    query(
        "UPDATE outbox SET cancelled_at = now() WHERE event_id = :id AND type = 'event_reminder'",
        id=event["id"],
    )

    assert [item["type"] for item in read(anna, event)] == ["event_invited"]


def test_an_event_that_owes_nothing_has_no_deliveries(anna: Client, event_body: dict[str, Any]) -> None:
    event = anna.post("/v1/events", event_body).json

    assert read(anna, event) == []
