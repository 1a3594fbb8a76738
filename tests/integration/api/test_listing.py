"""GET /v1/events: the caller's events by time, in pages that do not shift."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from integration.api.client import Client, Query, pointers


@pytest.fixture
def create(anna: Client, event_body: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Creates an event of Anna's from hour to hour of one day in 2030."""

    def make(start: str, end: str, **fields: Any) -> dict[str, Any]:
        times = {"starts_at": f"2030-03-01T{start}:00Z", "ends_at": f"2030-03-01T{end}:00Z"}
        event: dict[str, Any] = anna.post(
            "/v1/events", {**event_body, **times, "title": start, **fields}
        ).json
        return event

    return make


def read_pages(client: Client, target: str, limit: int) -> list[list[dict[str, Any]]]:
    """All pages of a list, the last of which says that it is the last."""
    pages, cursor = [], ""
    while cursor is not None:
        assert len(pages) < 50
        separator = "&" if "?" in target else "?"
        page = client.get(f"{target}{separator}limit={limit}" + (f"&cursor={cursor}" if cursor else "")).json
        pages.append(page["items"])
        cursor = page["next_cursor"]
    return pages


def titles(response: Any) -> list[str]:
    return [event["title"] for event in response.json["items"]]


def test_events_come_by_start_and_then_by_id(anna: Client, create: Callable[..., dict[str, Any]]) -> None:
    late, first, second = create("12:00", "13:00"), create("09:00", "10:00"), create("09:00", "09:30")

    items = anna.get("/v1/events").json["items"]

    assert [it["id"] for it in items] == [*sorted([first["id"], second["id"]]), late["id"]]
    assert items[-1] == late


@pytest.mark.parametrize(
    ("query_string", "shown"),
    [
        ("", ["09:00", "10:00", "11:00"]),
        ("from=2030-03-01T10:00:00Z", ["10:00", "11:00"]),
        ("from=2030-03-01T09:59:59.999999Z", ["09:00", "10:00", "11:00"]),
        ("from=2030-03-01T10:00:00.000001Z", ["11:00"]),
        ("to=2030-03-01T10:00:00Z", ["09:00"]),
        ("to=2030-03-01T10:00:00.000001Z", ["09:00", "10:00"]),
        ("from=2030-03-01T09:30:00Z&to=2030-03-01T09:40:00Z", ["09:00"]),
        ("from=2030-03-01T10:00:00Z&to=2030-03-01T10:00:00Z", []),
        ("from=2030-03-01T10:00:00Z&to=2030-03-01T11:00:00Z", ["10:00"]),
        ("from=2030-03-01T12:00:00Z", []),
        ("from=2030-03-01T11:00:00Z&to=2030-03-01T09:00:00Z", []),
        ("from=2030-03-01T15:00:00%2B05:00", ["10:00", "11:00"]),
    ],
)
def test_the_period_is_half_open_and_an_event_counts_when_it_overlaps(
    anna: Client, create: Callable[..., dict[str, Any]], query_string: str, shown: list[str]
) -> None:
    # The second has no length: it overlaps when its instant lies inside.
    for start, end in (("09:00", "10:00"), ("10:00", "10:00"), ("11:00", "12:00")):
        create(start, end)

    assert titles(anna.get(f"/v1/events?{query_string}")) == shown


def test_the_callers_own_and_their_invitations_are_listed_once_each(
    anna: Client,
    person: Callable[..., Client],
    create: Callable[..., dict[str, Any]],
    event_body: dict[str, Any],
) -> None:
    boris = person("boris")
    both = create("09:00", "10:00", participant_ids=[anna.id, boris.id])
    create("10:00", "11:00")
    foreign = boris.post("/v1/events", {**event_body, "participant_ids": [anna.id]}).json
    boris.post("/v1/events", {**event_body, "title": "secret"})

    assert [it["id"] for it in anna.get("/v1/events").json["items"]].count(both["id"]) == 1
    assert {it["id"] for it in boris.get("/v1/events").json["items"]} >= {both["id"], foreign["id"]}
    assert titles(anna.get("/v1/events")) == [event_body["title"], "09:00", "10:00"]


def test_a_uid_finds_the_events_that_the_caller_sees(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    boris, uid = person("boris"), "a&b=c +%/ж@example.org"
    mine = anna.post("/v1/events", {**event_body, "uid": uid}).json
    invited = boris.post("/v1/events", {**event_body, "uid": uid, "participant_ids": [anna.id]}).json
    anna.post("/v1/events", {**event_body, "uid": uid + "x"})

    found = anna.get(f"/v1/events?uid={quote(uid, safe='')}").json["items"]

    assert sorted(it["id"] for it in found) == sorted([mine["id"], invited["id"]])
    assert anna.get("/v1/events?uid=other").json == {"items": [], "next_cursor": None}


def test_cancelled_events_are_listed_with_their_status(
    anna: Client, create: Callable[..., dict[str, Any]], query: Query
) -> None:
    event = create("09:00", "10:00")
    query("UPDATE events SET status = 'cancelled' WHERE id = :id", id=event["id"])

    assert [it["status"] for it in anna.get("/v1/events").json["items"]] == ["cancelled"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_hold_everything_once_also_where_starts_are_equal(
    anna: Client, create: Callable[..., dict[str, Any]], limit: int
) -> None:
    created = [create("09:00", "10:00") for _ in range(5)] + [create("10:00", "11:00") for _ in range(2)]

    pages = read_pages(anna, "/v1/events", limit)

    read = [event["id"] for page in pages for event in page]
    assert read == [it["id"] for it in sorted(created, key=lambda it: (it["starts_at"], it["id"]))]
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[-1]


def test_a_page_does_not_shift_when_events_are_added(
    anna: Client, create: Callable[..., dict[str, Any]]
) -> None:
    for start in ("09:00", "10:00", "11:00"):
        create(start, start)
    first = anna.get("/v1/events?limit=2").json
    create("08:00", "08:00")
    create("10:30", "10:30")

    second = anna.get(f"/v1/events?limit=2&cursor={first['next_cursor']}").json

    assert [it["title"] for it in first["items"]] == ["09:00", "10:00"]
    assert [it["title"] for it in second["items"]] == ["10:30", "11:00"]
    assert second["next_cursor"] is None


def test_a_page_keeps_the_period(anna: Client, create: Callable[..., dict[str, Any]]) -> None:
    for start in ("09:00", "10:00", "11:00", "12:00"):
        create(start, start)

    pages = read_pages(anna, "/v1/events?from=2030-03-01T10:00:00Z&to=2030-03-01T12:00:00Z", 1)

    assert [[it["title"] for it in page] for page in pages] == [["10:00"], ["11:00"]]


def test_the_microsecond_decides_between_pages(anna: Client, create: Callable[..., dict[str, Any]]) -> None:
    for start in ("09:00:00.000002", "09:00:00.000001", "09:00:00"):
        anna.post(
            "/v1/events",
            {
                "title": start,
                "starts_at": f"2030-03-01T{start}Z",
                "ends_at": "2030-03-01T10:00:00Z",
                "reminder_minutes": [],
            },
        )

    pages = read_pages(anna, "/v1/events", 1)

    assert [page[0]["title"] for page in pages] == ["09:00:00", "09:00:00.000001", "09:00:00.000002"]


@pytest.mark.parametrize(
    "query_string",
    [
        "from=2030-03-01",
        "from=2030-03-01T10:00:00",
        "from=2030-03-01T10:00:00+03:00",
        "from=yesterday",
        "from=0001-01-01T00:00:00%2B14:00",
        "from=",
        "from=1772355600",
    ],
)
def test_a_period_needs_times_with_an_offset(anna: Client, query_string: str) -> None:
    assert pointers(anna.get(f"/v1/events?{query_string}")) == ["/from"]


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e1", "ten", "", "99999999999999999999999999", "1.5"])
@pytest.mark.parametrize("path", ["/v1/events", "/v1/notifications"])
def test_a_page_has_one_to_a_hundred_items(anna: Client, path: str, limit: str) -> None:
    assert pointers(anna.get(f"{path}?limit={limit}")) == ["/limit"]


def test_a_page_has_twenty_items_unless_asked(
    anna: Client, notify: Callable[..., list[Any]], create: Callable[..., dict[str, Any]]
) -> None:
    for _ in range(21):
        create("09:00", "10:00")
    notify(anna.id, 21)

    assert len(anna.get("/v1/events").json["items"]) == 20
    assert len(anna.get("/v1/notifications").json["items"]) == 20
