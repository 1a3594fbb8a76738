"""`notify_ended=false`: events that have ended come in and change, and nobody is notified."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, Query, RecordingQueue, pointers

QUIETLY = "?notify_ended=false"
PAST = {"starts_at": "2015-06-01T09:00:00Z", "ends_at": "2015-06-01T10:00:00Z", "reminder_minutes": [15]}
EARLIER = {"starts_at": "2014-06-01T09:00:00Z", "ends_at": "2014-06-01T10:00:00Z"}
FUTURE = {"starts_at": "2035-06-01T09:00:00Z", "ends_at": "2035-06-01T10:00:00Z"}


@pytest.fixture
def boris(person: Callable[..., Client]) -> Client:
    return person("boris")


def list_waves(query: Query, event: dict[str, Any]) -> list[str]:
    """The types of the event's outbox rows, in order."""
    rows = query("SELECT type FROM outbox WHERE event_id = CAST(:id AS uuid) ORDER BY id", id=event["id"])
    return [row["type"] for row in rows]


def change_everything(anna: Client, boris: Client, event: dict[str, Any], wish: str) -> None:
    """Every call that changes an event, with `wish` in its query."""
    path = f"/v1/events/{event['id']}"
    body = {"participant_emails": ["new@example.org"]}
    responses = [
        anna.patch(f"{path}{wish}", {"title": "Moved", **EARLIER}),
        anna.post(f"{path}/participants{wish}", body),
        boris.patch(f"{path}/participants/me{wish}", {"response_status": "accepted"}),
        anna.delete(f"{path}/participants/{boris.id}{wish}"),
        anna.delete(f"{path}{wish}"),
    ]
    assert [response.status for response in responses] == [200, 200, 200, 204, 204]


def test_nobody_is_notified_of_an_event_that_has_ended_when_the_caller_asks_for_that(
    anna: Client, boris: Client, event_body: dict[str, Any], query: Query, queue: RecordingQueue
) -> None:
    response = anna.post(f"/v1/events{QUIETLY}", {**event_body, **PAST, "participant_ids": [boris.id]})
    change_everything(anna, boris, response.json, QUIETLY)

    assert response.status == 201
    assert list_waves(query, response.json) == []
    assert queue.sent == []
    shown = anna.get(f"/v1/events/{response.json['id']}").json
    assert (shown["title"], shown["status"], shown["participant_counts"]["total"]) == (
        "Moved",
        "cancelled",
        1,
    )


@pytest.mark.parametrize("wish", ["", "?notify_ended=true"])
def test_everybody_is_notified_of_what_has_ended_otherwise(
    anna: Client, boris: Client, event_body: dict[str, Any], query: Query, wish: str
) -> None:
    event = anna.post(f"/v1/events{wish}", {**event_body, **PAST, "participant_ids": [boris.id]}).json
    change_everything(anna, boris, event, wish)

    assert list_waves(query, event) == [
        "event_invited",
        "event_updated",
        "event_invited",
        "participant_responded",
        "participant_removed",
        "event_cancelled",
    ]


def test_it_makes_no_difference_for_an_event_that_has_not_ended(
    anna: Client, boris: Client, event_body: dict[str, Any], query: Query
) -> None:
    event = anna.post(f"/v1/events{QUIETLY}", {**event_body, "participant_ids": [boris.id]}).json
    anna.delete(f"/v1/events/{event['id']}{QUIETLY}")

    assert list_waves(query, event) == ["event_invited", "event_cancelled"]


@pytest.mark.parametrize(("before", "after"), [(PAST, FUTURE), (FUTURE, PAST)])
def test_an_event_that_moves_from_or_to_the_past_is_news(
    anna: Client,
    boris: Client,
    event_body: dict[str, Any],
    query: Query,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    body = {**event_body, **before, "participant_ids": [boris.id], "reminder_minutes": []}
    event = anna.post(f"/v1/events{QUIETLY}", body).json
    anna.patch(f"/v1/events/{event['id']}{QUIETLY}", {key: after[key] for key in ("starts_at", "ends_at")})

    assert list_waves(query, event)[-1:] == ["event_updated"]


def test_a_request_that_notifies_is_not_the_repetition_of_one_that_does_not(
    anna: Client, event_body: dict[str, Any]
) -> None:
    key = {"idempotency-key": "k"}
    first = anna.post(f"/v1/events{QUIETLY}", {**event_body, **PAST}, headers=key)
    again = anna.post(f"/v1/events{QUIETLY}", {**event_body, **PAST}, headers=key)
    other = anna.post("/v1/events", {**event_body, **PAST}, headers=key)

    assert (first.status, again.status, other.status) == (201, 201, 422)
    assert again.json["id"] == first.json["id"]


def test_a_wish_that_is_no_boolean_is_refused(anna: Client, event_body: dict[str, Any]) -> None:
    assert pointers(anna.post("/v1/events?notify_ended=perhaps", event_body)) == ["/notify_ended"]
