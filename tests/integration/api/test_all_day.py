"""All-day events last from midnight to midnight in their zone, also where clocks skip a midnight."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, pointers


@pytest.mark.parametrize(
    ("time_zone", "starts_at", "ends_at"),
    [
        pytest.param("UTC", "2030-03-01T00:00:00Z", "2030-03-02T00:00:00Z", id="a day in UTC"),
        pytest.param(
            "Europe/Moscow", "2030-02-28T21:00:00Z", "2030-03-03T00:00:00+03:00", id="offsets may differ"
        ),
        pytest.param(
            "Asia/Kathmandu", "2030-03-01T00:00:00+05:45", "2030-03-02T00:00:00+05:45", id="odd offset"
        ),
        pytest.param("UTC", "2030-03-01T00:00:00Z", "2030-03-01T00:00:00Z", id="no day at all"),
        pytest.param(
            "Europe/Berlin", "2030-03-31T00:00:00+01:00", "2030-04-01T00:00:00+02:00", id="a day of 23 hours"
        ),
        pytest.param(
            "Asia/Beirut", "2030-03-31T00:00:00+02:00", "2030-04-01T00:00:00+03:00", id="begins in a gap"
        ),
        pytest.param(
            "Asia/Beirut", "2030-03-30T00:00:00+02:00", "2030-03-31T01:00:00+03:00", id="ends in a gap"
        ),
        pytest.param(
            "America/Havana", "2030-11-03T00:00:00-04:00", "2030-11-04T00:00:00-05:00", id="two midnights"
        ),
        pytest.param(
            "Pacific/Apia",
            "2011-12-29T00:00:00-10:00",
            "2011-12-31T00:00:00+14:00",
            id="a day that was not",
        ),
    ],
)
def test_midnights_of_the_zone_make_an_all_day_event(
    anna: Client, event_body: dict[str, Any], time_zone: str, starts_at: str, ends_at: str
) -> None:
    times = {"time_zone": time_zone, "starts_at": starts_at, "ends_at": ends_at, "all_day": True}

    response = anna.post("/v1/events", {**event_body, **times})

    assert response.status == 201, response.text
    assert response.json["all_day"] is True


@pytest.mark.parametrize(
    ("time_zone", "starts_at", "ends_at", "blamed"),
    [
        ("Europe/Moscow", "2030-03-01T00:00:00Z", "2030-03-02T00:00:00+03:00", "/starts_at"),
        ("Europe/Moscow", "2030-03-01T00:00:00+03:00", "2030-03-02T00:00:00Z", "/ends_at"),
        ("UTC", "2030-03-01T00:00:00.000001Z", "2030-03-02T00:00:00Z", "/starts_at"),
        ("UTC", "2030-03-01T00:00:00Z", "2030-03-01T23:59:59Z", "/ends_at"),
        ("Asia/Beirut", "2030-03-31T00:00:00+03:00", "2030-04-01T00:00:00+03:00", "/starts_at"),
    ],
)
def test_other_times_do_not(
    anna: Client, event_body: dict[str, Any], time_zone: str, starts_at: str, ends_at: str, blamed: str
) -> None:
    times = {"time_zone": time_zone, "starts_at": starts_at, "ends_at": ends_at, "all_day": True}

    assert pointers(anna.post("/v1/events", {**event_body, **times})) == [blamed]
    assert anna.post("/v1/events", {**event_body, **times, "all_day": False}).status == 201


def test_without_a_zone_the_callers_midnights_count(
    person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    del event_body["time_zone"]
    tokyo = {"starts_at": "2030-03-01T00:00:00+09:00", "ends_at": "2030-03-02T00:00:00+09:00"}
    keiko, anna = person("keiko", zoneinfo="Asia/Tokyo"), person("anna")

    created = keiko.post("/v1/events", {**event_body, **tokyo, "all_day": True})

    assert (created.status, created.json["time_zone"]) == (201, "Asia/Tokyo")
    assert pointers(anna.post("/v1/events", {**event_body, **tokyo, "all_day": True})) == ["/starts_at"]
