"""What a created event owes: outbox rows in its transaction, doorbells after its commit."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from convoke.messages import encode_message
from convoke.observability import make_logger
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query, RecordingQueue, RefusingQueue, check_problem
from sqlalchemy import text


def from_now(**length: float) -> str:
    return (datetime.now(UTC) + timedelta(**length)).isoformat()


def list_owed(query: Query, event: dict[str, Any]) -> list[Any]:
    return query("SELECT * FROM outbox WHERE event_id = :id ORDER BY id", id=event["id"])


def test_an_invitation_holds_the_facts_for_its_text(
    anna: Client, meeting: dict[str, Any], make_users: Callable[[int], list[str]], query: Query
) -> None:
    ids = make_users(3)

    event = anna.post(
        "/v1/events",
        {**meeting, "participant_ids": ids, "description": "d"},
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
    meeting: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
    queue: RecordingQueue,
) -> None:
    small_rows = replace(services, settings=replace(services.settings, recipients_per_row=4))
    anna, ids = make_person(make_handler(small_rows), "anna"), make_users(10)

    event = anna.post("/v1/events", {**meeting, "participant_ids": ids}).json

    rows = list_owed(query, event)
    assert sorted(len(row["recipient_ids"]) for row in rows) == [2, 4, 4]
    assert sorted(str(it) for row in rows for it in row["recipient_ids"]) == ids
    assert {message.outbox_id for message, _ in queue.sent} == {row["id"] for row in rows}


def test_a_message_carries_ids_and_nothing_about_people(
    person: Callable[..., Client],
    meeting: dict[str, Any],
    make_users: Callable[[int], list[str]],
    domain: str,
    queue: RecordingQueue,
) -> None:
    marked = {"title": "MARKED Планёрка", "description": "MARKED", "location": "MARKED", "uid": "MARKED"}
    anna = person("anna", name="MARKED")
    event = anna.post(
        "/v1/events",
        {
            **meeting,
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
    anna: Client, meeting: dict[str, Any], make_users: Callable[[int], list[str]], queue: RecordingQueue
) -> None:
    ids = make_users(1_000)
    for invited in (ids[:1], ids):
        anna.post("/v1/events", {**meeting, "participant_ids": invited})

    one, thousand = (encode_message(message) for message, _ in queue.sent)
    assert len(one) == len(thousand)


@pytest.mark.parametrize(
    ("minutes_ahead", "reminder", "written", "delay"),
    [
        (-60, 5, False, None),
        (4, 5, False, None),
        (10, 5, True, 300),
        (15, 0, True, 900),
        (20, 4, True, None),
        (60, 5, True, None),
    ],
)
def test_reminders_are_written_when_ahead_and_sent_when_near(
    anna: Client,
    meeting: dict[str, Any],
    query: Query,
    queue: RecordingQueue,
    minutes_ahead: int,
    reminder: int,
    written: bool,
    delay: int | None,
) -> None:
    starts_at = from_now(minutes=minutes_ahead)
    times = {"starts_at": starts_at, "ends_at": starts_at, "reminder_minutes": [reminder]}

    event = anna.post("/v1/events", {**meeting, **times}).json

    assert event["reminder_minutes"] == [reminder]
    due_at = datetime.fromisoformat(starts_at) - timedelta(minutes=reminder)
    rows = list_owed(query, event)
    assert [(row["type"], row["due_at"], row["recipient_ids"]) for row in rows] == (
        [("event_reminder", due_at, None)] if written else []
    )
    if delay is None:
        assert queue.sent == []
        # The relay looks at it exactly when it falls due.
        assert [row["next_attempt_at"] for row in rows] == [due_at] * written
    else:
        ((message, sent_delay),) = queue.sent
        assert message.outbox_id == rows[0]["id"]
        # Never early: the delay is rounded up; it is counted from a moment after this test took the time.
        ahead = (due_at - rows[0]["created_at"]).total_seconds()
        assert delay - 60 < sent_delay <= delay
        assert sent_delay <= ahead + 1
        assert rows[0]["next_attempt_at"] == due_at + timedelta(seconds=120)


def test_each_reminder_has_an_id_of_the_time_when_it_is_due(
    anna: Client, meeting: dict[str, Any], query: Query
) -> None:
    event = anna.post("/v1/events", {**meeting, "reminder_minutes": [60, 0, 40320, 15, 5]}).json

    rows = list_owed(query, event)
    assert len(rows) == 5
    starts_at = datetime.fromisoformat(event["starts_at"])
    # Ids sort by the time of the fact, and hold it: a version 7 UUID begins with its milliseconds.
    assert [(starts_at - row["due_at"]) // timedelta(minutes=1) for row in rows] == [40320, 60, 15, 5, 0]
    assert [row["id"].int >> 80 for row in rows] == [int(row["due_at"].timestamp() * 1000) for row in rows]
    assert {row["payload"]["actor_id"] for row in rows} == {None}


def test_nothing_is_sent_for_what_was_refused(
    anna: Client, meeting: dict[str, Any], queue: RecordingQueue, query: Query
) -> None:
    check_problem(anna.post("/v1/events", {**meeting, "participant_ids": [str(UUID(int=1))]}), 422)

    assert queue.calls == []
    assert query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id) == []


def test_a_queue_that_takes_nothing_changes_nothing_for_the_caller(
    services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    meeting: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
    capsys: pytest.CaptureFixture[str],
    domain: str,
) -> None:
    refusing = replace(services, queue=RefusingQueue(), logger=make_logger(domain))
    anna = make_person(make_handler(refusing), "anna")

    answer = anna.post("/v1/events", {**meeting, "participant_ids": make_users(1)})

    assert answer.status == 201
    (row,) = list_owed(query, answer.json)
    assert (row["delivered_at"], row["cancelled_at"], row["failed_at"]) == (None, None, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["refused"] for line in lines if "refused" in line] == [1]
    assert [line["DirectSendFailed"] for line in lines if "DirectSendFailed" in line] == [[1.0]]


class LookingQueue(RecordingQueue):
    """Looks at the database, on another connection, at the moment when it is given messages."""

    def __init__(self, query: Query) -> None:
        super().__init__()
        self._query = query
        self.committed: list[bool] = []

    def send(self, messages: Any) -> int:
        for message, _ in messages:
            rows = self._query("SELECT 1 FROM outbox WHERE id = :id", id=message.outbox_id)
            self.committed.append(len(rows) == 1)
        return super().send(messages)


def test_what_is_sent_is_committed(
    services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    meeting: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
) -> None:
    looking = LookingQueue(query)
    anna = make_person(make_handler(replace(services, queue=looking)), "anna")

    anna.post("/v1/events", {**meeting, "participant_ids": make_users(3)})

    assert looking.committed == [True]


@pytest.mark.parametrize("table", ["event_participants", "outbox", "idempotency_records"])
def test_when_one_part_cannot_be_written_nothing_is_there_and_nothing_is_sent(
    own_services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    meeting: dict[str, Any],
    queue: RecordingQueue,
    table: str,
) -> None:
    anna = make_person(make_handler(own_services), "anna")
    boris_id = make_person(anna.handler, "boris").id
    body, headers = {**meeting, "participant_ids": [boris_id]}, {"idempotency-key": "k"}
    with own_services.engine.begin() as connection:
        connection.execute(
            text(f"""
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$;
                CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()
            """)
        )

    failed = anna.post("/v1/events", body, headers=headers)

    check_problem(failed, 503)
    assert queue.calls == []
    assert _count_rows(own_services) == [0, 0, 0, 0]
    with own_services.engine.begin() as connection:
        connection.execute(text("DROP FUNCTION fail CASCADE"))
    again = anna.post("/v1/events", body, headers=headers)
    assert (again.status, again.headers.get("idempotency-replayed")) == (201, None)
    assert _count_rows(own_services) == [1, 1, 1, 1]
    assert queue.calls == [1]


def _count_rows(services: Services) -> list[int]:
    tables = ("events", "event_participants", "outbox", "idempotency_records")
    with services.engine.begin() as connection:
        return [connection.execute(text(f"SELECT count(*) FROM {it}")).scalar_one() for it in tables]


def test_what_the_queue_refused_is_left_to_the_relays_next_tick(
    services: Services, make_person: Callable[..., Client], meeting: dict[str, Any], query: Query
) -> None:
    client = make_person(make_handler(replace(services, queue=RefusingQueue())), "anna")
    soon = {"starts_at": from_now(minutes=20), "ends_at": from_now(minutes=30), "reminder_minutes": [10]}

    answer = client.post("/v1/events", meeting | soon | {"participant_emails": ["bob@example.org"]})

    assert answer.status == 201
    rows = list_owed(query, answer.json)
    assert {row["type"] for row in rows} == {"event_invited", "event_reminder"}
    assert all(row["next_attempt_at"] == row["due_at"] for row in rows)
