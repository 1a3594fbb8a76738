"""The quota on creations: so many in a window that moves."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from convoke_api.invocation import Handler, make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query, check_problem

QUOTA, WINDOW_SECONDS = 3, 60


@pytest.fixture
def handler(services: Services, event_loop: None) -> Handler:
    """Lets one caller create three events in a minute."""
    settings = replace(services.settings, create_quota=QUOTA, create_quota_seconds=WINDOW_SECONDS)
    return make_handler(replace(services, settings=settings))


@pytest.fixture
def created_ago(anna: Client, event_body: dict[str, Any], query: Query) -> Callable[..., None]:
    """Gives Anna events that were created so many seconds ago."""

    def create(*ages: float) -> None:
        for age in ages:
            event = anna.post("/v1/events", event_body).json
            query(
                "UPDATE events SET created_at = now() - make_interval(secs => :age) WHERE id = :id",
                age=age,
                id=event["id"],
            )

    return create


def test_one_more_than_the_quota_is_too_many(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], query: Query
) -> None:
    statuses = [anna.post("/v1/events", event_body).status for _ in range(QUOTA)]

    refused = anna.post("/v1/events", event_body)

    assert statuses == [201] * QUOTA
    check_problem(refused, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= WINDOW_SECONDS
    assert len(query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id)) == QUOTA
    assert person("boris").post("/v1/events", event_body).status == 201


@pytest.mark.parametrize(
    ("ages", "retry_after"),
    [((50, 30, 10), 10), ((59, 59, 59), 1), ((0, 0, 0), 60), ((10, 50, 30), 10)],
)
def test_retry_after_says_when_there_is_room_again(
    anna: Client,
    event_body: dict[str, Any],
    created_ago: Callable[..., None],
    ages: tuple[float, ...],
    retry_after: int,
) -> None:
    # What was created so long ago leaves the window when it is 60 s old; some of that may pass meanwhile.
    created_ago(*ages)

    response = anna.post("/v1/events", event_body)

    assert response.status == 429
    assert retry_after - 1 <= int(response.headers["retry-after"]) <= retry_after


def test_what_has_left_the_window_does_not_count(
    anna: Client, event_body: dict[str, Any], created_ago: Callable[..., None]
) -> None:
    created_ago(61, 61, 61, 61, 61, 0, 0)

    assert anna.post("/v1/events", event_body).status == 201
    assert anna.post("/v1/events", event_body).status == 429


def test_a_lowered_quota_waits_for_as_many_as_there_are_too_many(
    anna: Client, event_body: dict[str, Any], created_ago: Callable[..., None], services: Services
) -> None:
    created_ago(50, 30, 10)
    lowered = replace(services.settings, create_quota=1, create_quota_seconds=WINDOW_SECONDS)
    client = Client(make_handler(replace(services, settings=lowered)), anna.claims)

    response = client.post("/v1/events", event_body)

    assert response.status == 429
    assert 49 <= int(response.headers["retry-after"]) <= 50


def test_repeating_a_request_costs_nothing(anna: Client, event_body: dict[str, Any]) -> None:
    for _ in range(QUOTA + 1):
        assert anna.post("/v1/events", event_body, headers={"idempotency-key": "k"}).status == 201

    assert [anna.post("/v1/events", event_body).status for _ in range(QUOTA)] == [201] * (QUOTA - 1) + [429]
    assert anna.post("/v1/events", event_body, headers={"idempotency-key": "k"}).status == 201


def test_what_was_refused_costs_nothing(anna: Client, event_body: dict[str, Any]) -> None:
    for _ in range(QUOTA + 1):
        assert (
            anna.post("/v1/events", {**event_body, "participant_ids": [anna.id[:-12] + "0" * 12]}).status
            == 422
        )

    assert anna.post("/v1/events", event_body).status == 201
