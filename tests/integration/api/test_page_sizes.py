"""Nobody's list fails by what others wrote: a page ends where it would not fit into Lambda's response."""

from collections.abc import Callable
from typing import Any

import pytest
import simplejson
from convoke_api.events import queries
from convoke_api.web.pagination import MAX_RESPONSE_BYTES
from integration.api.client import Client, Query, Response

#: What leaves as four bytes for each of its characters.
_QUOTES, _FACES = '"' * 10_000, "\U0001f600" * 10_000
#: The names and numbers of a page, beside its items.
_ENVELOPE = 10_000


def count_sent(response: Response) -> int:
    """The bytes of a response, as Lambda's runtime of Python 3.13 writes it."""
    sent = {"statusCode": response.status, "headers": response.headers, "body": response.text}
    return len(simplejson.dumps(sent, ensure_ascii=False).encode())


def read_all(person: Client, path: str) -> list[list[dict[str, Any]]]:
    """The pages of a list, of the largest size allowed; each fits into a response."""
    pages, cursor = [], ""
    while True:
        response = person.get(f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
        assert response.status == 200
        assert count_sent(response) <= MAX_RESPONSE_BYTES + _ENVELOPE
        pages.append(response.json["items"])
        if response.json["next_cursor"] is None:
            return pages
        assert pages[-1]
        cursor = f"&cursor={response.json['next_cursor']}"


@pytest.fixture
def long_events(anna: Client, query: Query, domain: str) -> list[str]:
    """A hundred events to which a stranger has invited Anna, as long as the API lets them be; their ids."""
    query(
        """
        WITH people AS (
            INSERT INTO users (email, email_key, full_name)
            SELECT left(n || :faces, 200) || :domain, n || :domain, left(:quotes, 200)
            FROM generate_series(1, 100) AS n RETURNING id
        ), made AS (
            INSERT INTO events (id, organizer_id, title, description, location, starts_at, ends_at, all_day,
                                time_zone, uid, sequence, reminder_minutes)
            SELECT uuid7_at(now()), (SELECT min(id::text)::uuid FROM people), left(:quotes, 200),
                   left(:quotes, 5000), left(:faces, 500), at, at, false, 'UTC', left(n || :faces, 500), 0,
                   '{}'
            FROM generate_series(1, 100) AS n,
                 LATERAL (SELECT '2030-01-01T00:00:00Z'::timestamptz + n * interval '1 hour' AS at) AS start
            RETURNING id, organizer_id
        ), known AS (
            -- Names and addresses are shown to organizers whom the people have responded to.
            INSERT INTO acquaintances (organizer_id, user_id)
            SELECT DISTINCT made.organizer_id, people.id FROM made, people
        )
        INSERT INTO event_participants (event_id, user_id)
        SELECT made.id, people.id
        FROM made, (SELECT id FROM people UNION SELECT CAST(:anna AS uuid)) AS people
        """,
        quotes=_QUOTES,
        faces=_FACES,
        domain=f"@{domain}",
        anna=anna.id,
    )
    invited = "SELECT id FROM events JOIN event_participants ON event_id = id WHERE user_id = :id"
    rows = query(f"{invited} ORDER BY starts_at", id=anna.id)
    return [str(row["id"]) for row in rows]


def test_a_hundred_long_invitations_come_in_pages_that_fit(anna: Client, long_events: list[str]) -> None:
    pages = read_all(anna, "/v1/events")

    assert [event["id"] for page in pages for event in page] == long_events
    # As full as they can be.
    assert len(pages) == 5
    assert all(len(event["participants"]) == 100 for page in pages for event in page)


def test_a_page_of_long_events_does_not_bring_them_all_from_the_database(
    anna: Client, long_events: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def make_event(row: Any) -> Any:
        made.append(row)
        return original(row)

    original = queries.make_event
    monkeypatch.setattr(queries, "make_event", make_event)

    shown = anna.get("/v1/events?limit=100").json["items"]

    assert len(shown) <= len(made) < 50


def test_long_participants_and_notifications_fit_too(
    anna: Client, long_events: list[str], query: Query, notify: Callable[..., list[Any]]
) -> None:
    (people,) = read_all(anna, f"/v1/events/{long_events[0]}/participants?response_status=needs_action")[:1]
    assert len(people) == 100
    ids = notify(anna.id, 150)
    query("UPDATE notifications SET message = :long WHERE user_id = :id", long=_QUOTES, id=anna.id)

    pages = read_all(anna, "/v1/notifications")

    assert [it["id"] for page in pages for it in page] == [str(it) for it in reversed(ids)]
    query("UPDATE notifications SET message = :long || :long WHERE user_id = :id", long=_FACES, id=anna.id)
    assert sum(map(len, read_all(anna, "/v1/notifications"))) == 150


@pytest.mark.parametrize("letter", ['"', "\\", "^", "\n", "\U0001f600", "\u2028", "x"])
def test_the_calendar_file_of_many_long_names_fits(
    anna: Client, event_body: dict[str, Any], query: Query, domain: str, letter: str
) -> None:
    event = anna.post("/v1/events", {**event_body, "description": letter * 5_000}).json
    query(
        """
        WITH people AS (
            INSERT INTO users (email, email_key, full_name)
            SELECT left(n || :faces, 200) || :domain, n || :domain, repeat(:letter, 200)
            FROM generate_series(1, 10000) AS n RETURNING id
        ), known AS (
            INSERT INTO acquaintances (organizer_id, user_id)
            SELECT CAST(:anna AS uuid), id FROM people
        )
        INSERT INTO event_participants (event_id, user_id)
        SELECT CAST(:event_id AS uuid), id FROM people
        """,
        faces=_FACES,
        domain=f"@{domain}",
        letter=letter,
        anna=anna.id,
        event_id=event["id"],
    )

    response = anna.get(f"/v1/events/{event['id']}/calendar.ics")

    assert response.status == 200
    assert MAX_RESPONSE_BYTES / 2 < count_sent(response) <= MAX_RESPONSE_BYTES + _ENVELOPE
    named = response.text.replace("\r\n ", "").count("\nATTENDEE;")
    assert 1_000 < named < 10_000


def test_the_calendar_file_of_ten_thousand_ordinary_people_names_them_all(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]]
) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_ids": make_users(10_001)}).json

    response = anna.get(f"/v1/events/{event['id']}/calendar.ics")

    assert response.text.replace("\r\n ", "").count("\nATTENDEE;") == 10_000
