"""An event is there with all that it owes, or not at all; messages are sent after the commit."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from convoke.observability import make_logger
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import (
    Client,
    Query,
    RecordingQueue,
    RefusingQueue,
    check_problem,
    from_now,
    list_owed,
)
from sqlalchemy import text


def test_nothing_is_sent_for_what_was_refused(
    anna: Client, event_body: dict[str, Any], queue: RecordingQueue, query: Query
) -> None:
    check_problem(anna.post("/v1/events", {**event_body, "participant_ids": [str(UUID(int=1))]}), 422)

    assert queue.calls == []
    assert query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id) == []


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
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
) -> None:
    looking = LookingQueue(query)
    anna = make_person(make_handler(replace(services, queue=looking)), "anna")

    anna.post("/v1/events", {**event_body, "participant_ids": make_users(3)})

    assert looking.committed == [True]


@pytest.mark.parametrize("table", ["event_participants", "outbox", "idempotency_records"])
def test_when_one_part_cannot_be_written_nothing_is_there_and_nothing_is_sent(
    own_services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    queue: RecordingQueue,
    table: str,
) -> None:
    anna = make_person(make_handler(own_services), "anna")
    boris_id = make_person(anna.handler, "boris").id
    body, headers = {**event_body, "participant_ids": [boris_id]}, {"idempotency-key": "k"}
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


def test_a_queue_that_takes_nothing_changes_nothing_for_the_caller(
    services: Services,
    event_loop: None,
    make_person: Callable[..., Client],
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Query,
    capsys: pytest.CaptureFixture[str],
    domain: str,
) -> None:
    refusing = replace(services, queue=RefusingQueue(), logger=make_logger(domain))
    anna = make_person(make_handler(refusing), "anna")

    response = anna.post("/v1/events", {**event_body, "participant_ids": make_users(1)})

    assert response.status == 201
    (row,) = list_owed(query, response.json)
    assert (row["delivered_at"], row["cancelled_at"], row["failed_at"]) == (None, None, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["refused"] for line in lines if "refused" in line] == [1]
    assert [line["DirectSendFailed"] for line in lines if "DirectSendFailed" in line] == [[1.0]]


def test_what_the_queue_refused_is_left_to_the_relays_next_tick(
    services: Services, make_person: Callable[..., Client], event_body: dict[str, Any], query: Query
) -> None:
    client = make_person(make_handler(replace(services, queue=RefusingQueue())), "anna")
    soon = {"starts_at": from_now(minutes=20), "ends_at": from_now(minutes=30), "reminder_minutes": [10]}

    response = client.post("/v1/events", event_body | soon | {"participant_emails": ["bob@example.org"]})

    assert response.status == 201
    rows = list_owed(query, response.json)
    assert {row["type"] for row in rows} == {"event_invited", "event_reminder"}
    assert all(row["next_attempt_at"] == row["due_at"] for row in rows)
