"""The delivery trail by pages: every wave once and whole, the newest first, however many there are."""

from typing import Any

import pytest
from convoke_api.events.deliveries import _LIST_DELIVERIES
from convoke_api.invocation import make_handler
from integration.api.client import Client, pointers
from integration.changes.world import World, from_now

_MANY = 10_000


def read_pages(anna: Client, event: dict[str, Any], limit: int) -> list[list[dict[str, Any]]]:
    pages, cursor = [], ""
    while True:
        response = anna.get(f"/v1/events/{event['id']}/deliveries?limit={limit}{cursor}")
        assert response.status == 200, response.text
        pages.append(response.json["items"])
        if response.json["next_cursor"] is None:
            return pages
        cursor = f"&cursor={response.json['next_cursor']}"


@pytest.fixture
def event(world: World, anna: Client) -> dict[str, Any]:
    """Five reminders and several changes, in rows of one recipient each."""
    small = Client(make_handler(world.make_services(recipients_per_row=1)), anna.claims)
    times = {"starts_at": from_now(days=50), "ends_at": from_now(days=51)}
    people = world.people(3)
    made = world.plan(small, participant_ids=people, reminder_minutes=[10, 20, 30, 40, 50], **times)
    for title in ("B", "C", "D"):
        assert small.patch(f"/v1/events/{made['id']}", {"title": title}).status == 200
    return made


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9, 10])
def test_every_wave_comes_once_and_whole(anna: Client, event: dict[str, Any], limit: int) -> None:
    (whole,) = read_pages(anna, event, 100)
    assert [wave["type"] for wave in whole] == ["event_updated"] * 3 + ["event_reminder"] * 5 + [
        "event_invited"
    ]
    assert [wave["recipients"] for wave in whole] == [3] * 3 + [4] * 5 + [3]
    assert whole == sorted(whole, key=lambda wave: (wave["created_at"], wave["due_at"] or ""), reverse=True)

    pages = read_pages(anna, event, limit)

    assert [wave for page in pages for wave in page] == whole
    assert all(len(page) == limit for page in pages[:-1])


def test_a_page_does_not_shift_when_something_happens_meanwhile(anna: Client, event: dict[str, Any]) -> None:
    path = f"/v1/events/{event['id']}"
    before = read_pages(anna, event, 100)[0]
    first = anna.get(f"{path}/deliveries?limit=4").json

    assert anna.patch(path, {"title": "E"}).status == 200

    rest = anna.get(f"{path}/deliveries?limit=100&cursor={first['next_cursor']}").json["items"]
    assert first["items"] + rest == before


@pytest.mark.parametrize(
    "cursor", ["x", "WyJldmVudHMiLCIyMDI3LTAzLTAxIl0", "WyJkZWxpdmVyaWVzIiwiMjAzMC0wMS0wMSIsIiIsIngiXQ"]
)
def test_what_is_no_cursor_of_deliveries_is_refused(anna: Client, event: dict[str, Any], cursor: str) -> None:
    assert pointers(anna.get(f"/v1/events/{event['id']}/deliveries?cursor={cursor}")) == ["/cursor"]


def test_a_page_of_very_many_waves_reads_its_own_rows_alone(world: World, anna: Client) -> None:
    """Counted in the plan: rows that the index has given, not time. Half of the rows were withdrawn."""
    event = world.plan(anna)
    world.query(
        """
        INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id, created_at, due_at,
                            next_attempt_at, cancelled_at)
        SELECT uuid7_at(at), :event_id, 'event_updated', '{}', ARRAY[gen_random_uuid()], 'x', at, at, at,
               CASE WHEN mod(n, 2) = 0 THEN at END
        FROM generate_series(1, :many) AS n,
             LATERAL (SELECT '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' AS at) AS fact
        """,
        event_id=event["id"],
        many=2 * _MANY,
    )
    assert len(anna.get(f"/v1/events/{event['id']}/deliveries?limit=100").json["items"]) == 100

    (row,) = world.query(
        "EXPLAIN (ANALYZE, FORMAT JSON) " + _LIST_DELIVERIES.format(condition=""),
        event_id=event["id"],
        rows=101,
        newest="infinity",
    )
    assert 100 < count_rows_read(row["QUERY PLAN"][0]["Plan"], "outbox") < 1_000


def count_rows_read(node: dict[str, Any], table: str) -> int:
    """Returns how many rows of a table a plan has read, those that a filter then removed included."""
    read = sum(count_rows_read(child, table) for child in node.get("Plans", ()))
    if node.get("Relation Name") == table:
        each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        read += each * node["Actual Loops"]
    return int(read)
