"""POST /v1/events with a value that cannot be: 422 that names the place, and nothing is created."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.bad_values import BAD
from integration.api.client import Client, Query, pointers
from integration.api.rejections import check_rejected

CASES = [(field, value, place) for field, cases in BAD.items() for value, place in cases]


@pytest.mark.parametrize(
    ("field", "value", "place"), CASES, ids=[f"{field}-{ascii(value)[:24]}" for field, value, _ in CASES]
)
def test_a_value_that_cannot_be_is_refused_by_its_place(
    anna: Client,
    person: Callable[..., Client],
    event_body: dict[str, Any],
    field: str,
    value: Any,
    place: str,
) -> None:
    body = {**event_body, field: value}

    response = check_rejected(anna, person("boris"), anna.post("/v1/events", body), body)

    assert pointers(response) == [f"/{field}{place}"]
    assert anna.get("/v1/events").json["items"] == []


@pytest.mark.parametrize("field", ["title", "starts_at", "ends_at"])
def test_what_an_event_needs_is_asked_for(anna: Client, event_body: dict[str, Any], field: str) -> None:
    del event_body[field]

    assert pointers(anna.post("/v1/events", event_body)) == [f"/{field}"]


def test_all_that_is_wrong_is_said_at_once(anna: Client, event_body: dict[str, Any]) -> None:
    del event_body["title"]
    wrong = {**event_body, "sequence": -1, "reminder_minutes": [-1, 0, -2], "color": "red"}

    assert sorted(pointers(anna.post("/v1/events", wrong))) == [
        "/color",
        "/reminder_minutes/0",
        "/reminder_minutes/2",
        "/sequence",
        "/title",
    ]


@pytest.mark.parametrize(
    "name",
    ["organizer_id", "organizer", "status", "id", "version", "created_at", "participants", "Title", "x-y_1"],
)
def test_a_field_that_is_not_the_callers_to_set_is_refused(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], name: str
) -> None:
    body = {**event_body, name: "00000000-0000-0000-0000-000000000001"}

    response = check_rejected(anna, person("boris"), anna.post("/v1/events", body), body)

    assert pointers(response) == [f"/{name}"]


@pytest.mark.parametrize(
    "name",
    [
        "\ud800",
        "a\udfffb",
        "",
        " ",
        "a/b",
        "~0",
        "a\x00b",
        "\ufffe",
        "имя-поля",
        "<script>",
        "x" * 100_000,
        "{0}",
        "%s",
    ],
    ids=lambda name: ascii(name)[:12],
)
def test_a_field_name_that_is_no_name_is_refused_without_repeating_it(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], name: str
) -> None:
    response = check_rejected(anna, person("boris"), anna.post("/v1/events", {**event_body, name: 1}), name)

    assert pointers(response) == [""]


def test_an_event_has_no_more_participants_than_the_limit(
    services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    make_users: Callable[[int], list[str]],
    event_body: dict[str, Any],
    domain: str,
    query: Query,
) -> None:
    few = replace(services, settings=replace(services.settings, max_participants=3))
    anna, ids = make_person(make_handler(few), "anna"), make_users(3)
    emails = [f"guest-{n}@{domain}" for n in range(4)]

    both = {**event_body, "participant_ids": ids, "participant_emails": emails[:1]}
    assert pointers(anna.post("/v1/events", both)) == ["/participant_ids"]
    assert pointers(anna.post("/v1/events", {**event_body, "participant_emails": emails})) == [
        "/participant_emails"
    ]
    assert query("SELECT 1 FROM users WHERE email LIKE :pattern", pattern=f"guest%{domain}") == []
    assert anna.post("/v1/events", {**event_body, "participant_ids": ids}).status == 201


@pytest.mark.parametrize("kind", ["unknown", "malformed"])
def test_a_hundred_thousand_bad_ids_fit_into_the_response(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], kind: str
) -> None:
    ids = [f"00000000-0000-0000-0000-{n:012}" for n in range(100_000)]
    body = {**event_body, "participant_ids": ids if kind == "unknown" else [it + "x" for it in ids]}

    response = check_rejected(anna, person("boris"), anna.post("/v1/events", body), body)

    listed = pointers(response)
    assert listed == [f"/participant_ids/{n}" for n in range(100)]
    assert response.json["detail"].endswith("At most 100 errors are listed.")
    assert len(response.text) < 10_000


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("1970-01-01T00:00:00Z", "2100-12-31T23:59:59.999999Z"),
        ("1969-12-31T20:00:00-04:00", "2101-01-01T00:00:00+14:00"),
        ("2030-03-01t10:00:00z", "2030-03-01t10:00:00.123456789z"),
        ("2030-03-01T10:00:00-00:00", "2030-03-01T10:00:00+00:00"),
        ("2030-03-01T10:00:00+23:59", "2030-03-01T10:00:00-23:59"),
        ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
    ],
)
def test_times_at_the_limits_are_taken(
    anna: Client, event_body: dict[str, Any], starts_at: str, ends_at: str
) -> None:
    response = anna.post("/v1/events", {**event_body, "starts_at": starts_at, "ends_at": ends_at})

    assert response.status == 201, response.text
