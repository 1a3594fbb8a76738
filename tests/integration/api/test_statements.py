"""POST /v1/events takes one statement, whatever the number of participants."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from convoke_api.services import Services
from integration.api.client import Client, RecordingQueue
from sqlalchemy import event


@contextmanager
def counted_statements(services: Services) -> Iterator[list[str]]:
    """The statements that the API's engine sends within the block."""
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(services.engine, "before_cursor_execute", count)
    yield statements
    event.remove(services.engine, "before_cursor_execute", count)


@pytest.mark.parametrize("number", [1, 10, 10_000])
def test_a_known_caller_who_invites_known_people_takes_one_statement(
    anna: Client,
    services: Services,
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    queue: RecordingQueue,
    number: int,
) -> None:
    body = {**event_body, "participant_ids": make_users(number)}
    anna.get("/v1/me")

    with counted_statements(services) as statements:
        response = anna.post("/v1/events", body, headers={"idempotency-key": "k"})

    assert response.status == 201
    assert response.json["participant_counts"]["total"] == number
    assert len(statements) == 1
    # 1,000 recipients in a row of the outbox, one message for each row, all of them in one call.
    assert queue.calls == [-(-number // 1_000)]


def test_known_people_invited_by_address_take_one_statement(
    anna: Client,
    services: Services,
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    query: Callable[..., list[Any]],
) -> None:
    ids = make_users(100)
    rows = query("SELECT email FROM users WHERE id = ANY(CAST(:ids AS uuid[]))", ids=ids)
    anna.get("/v1/me")

    with counted_statements(services) as statements:
        response = anna.post(
            "/v1/events", {**event_body, "participant_emails": [row["email"] for row in rows]}
        )

    assert response.json["participant_counts"]["total"] == 100
    assert len(statements) == 1


@pytest.mark.parametrize("number", [1, 1_000])
def test_a_first_call_that_invites_unknown_addresses_takes_three(
    anna: Client, services: Services, event_body: dict[str, Any], domain: str, number: int
) -> None:
    body = {**event_body, "participant_emails": [f"guest-{n}@{domain}" for n in range(number)]}

    with counted_statements(services) as statements:
        response = anna.post("/v1/events", body)

    assert response.json["participant_counts"]["total"] == number
    assert len(statements) == 3


def test_a_changed_address_costs_its_token_one_call_and_no_statement_after_it(
    person: Callable[..., Client], services: Services, event_body: dict[str, Any], domain: str
) -> None:
    person("anna", iat="100").get("/v1/me")
    for number, changed in enumerate(({"email_verified": "false"}, {"email": f"other@{domain}"})):
        anna = person("anna", iat=str(200 + number), **changed)
        assert anna.post("/v1/events", event_body).status == 201

        with counted_statements(services) as statements:
            assert anna.post("/v1/events", event_body).status == 201
            assert anna.get("/v1/me").status == 200

        assert len(statements) == 2
