"""The whole way through `convoke up`: HTTP, PostgreSQL, SQS, worker, inbox."""

import json
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from convoke.messages import DeliveryMessage, encode_message
from convoke_local.sqs.queues import make_client
from e2e.conftest import Stack
from support.processes import wait_until


def test_nine_of_ten_participants_are_notified_once_and_the_creator_is_not(stack: Stack) -> None:
    guests = [f"guest{number}" for number in range(9)]
    response = stack.create_event("Планёрка «А»", "host", "host", *guests)
    assert response.status_code == 201
    assert response.json()["participant_counts"]["total"] == 10

    for guest in guests:
        wait_until(lambda guest=guest: stack.read_inbox(guest) != [])

    for guest in guests:
        [item] = stack.read_inbox(guest)
        assert item["type"] == "event_invited"
        assert item["title"] == "Приглашение на встречу"
        assert item["message"].startswith("Вас пригласили на встречу «Планёрка «А»»")
        assert item["actor"]["full_name"] == "Host"
    assert stack.read_inbox("host") == []


def test_ten_thousand_participants_are_notified_once_each(stack: Stack) -> None:
    before = stack.read_status()["delivered"]

    response = stack.create_event("Everybody", "crier", *(f"citizen{number}" for number in range(10_000)))

    assert response.status_code == 201
    wait_until(lambda: stack.read_status()["delivered"] - before >= 10_000)
    status = stack.read_status()
    assert status["delivered"] - before == 10_000
    assert status["outbox"] == {"pending": 0, "failed": 0, "oldest_age_seconds": 0}
    for number in (0, 4_999, 9_999):
        assert len(stack.read_inbox(f"citizen{number}")) == 1


def test_a_message_that_comes_again_does_nothing_and_is_counted(stack: Stack) -> None:
    event = stack.create_event("Once", "ada", "twice").json()
    wait_until(lambda: len(stack.read_inbox("twice")) == 1)
    before = stack.read_status()["duplicates_suppressed"]
    outbox_id = UUID(stack.read_inbox("twice")[0]["id"])
    state = stack.read_state()
    message = encode_message(DeliveryMessage(outbox_id, UUID(event["id"]), "event_invited"))

    for _ in range(3):
        make_client(state["sqs_endpoint"]).send_message(QueueUrl=state["queue_url"], MessageBody=message)

    wait_until(lambda: stack.read_status()["duplicates_suppressed"] - before >= 3)
    assert stack.read_status()["duplicates_suppressed"] - before == 3
    assert len(stack.read_inbox("twice")) == 1


def test_an_unreadable_message_becomes_a_dead_letter_and_harms_no_other(
    start: Callable[..., Stack],
) -> None:
    stack = start()
    state = stack.read_state()
    client = make_client(state["sqs_endpoint"])
    arn = client.get_queue_attributes(QueueUrl=state["dead_letter_queue_url"], AttributeNames=["QueueArn"])
    # One receive: with all five it would take minutes, as the worker postpones the message longer each time.
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 1}
    client.set_queue_attributes(QueueUrl=state["queue_url"], Attributes={"RedrivePolicy": json.dumps(policy)})

    client.send_message(QueueUrl=state["queue_url"], MessageBody="garbage")
    assert stack.create_event("Beside it", "ada", "bob").status_code == 201

    wait_until(lambda: len(stack.read_inbox("bob")) == 1)
    wait_until(lambda: stack.read_status()["queue"] == {"visible": 0, "in_flight": 0, "dlq": 1})


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nonsense"}])
def test_the_gateway_itself_refuses_who_has_no_token(stack: Stack, headers: dict[str, str]) -> None:
    response = httpx.get(f"{stack.url}/v1/me", headers=headers)

    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})


def test_an_expired_token_is_refused(stack: Stack) -> None:
    expired = stack.cli.run("token", "late@example.org", "--ttl", "-60").stdout.strip()

    response = httpx.get(f"{stack.url}/v1/me", headers={"authorization": f"Bearer {expired}"})

    assert response.status_code == 401
    assert "expired" in response.headers["www-authenticate"]


def test_unknown_paths_and_methods_are_the_application_s(stack: Stack) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PUT", "/v1/events", 405)):
        response = stack.request("ada", method, path)

        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"


def test_a_body_over_the_limit_is_refused_by_the_gateway(stack: Stack) -> None:
    response = stack.request("ada", "POST", "/v1/events", content=b"x" * 7_000_000)

    assert (response.status_code, response.json()) == (413, {"message": "Request Entity Too Large"})
    assert stack.request("ada", "GET", "/v1/me").json()["email"] == "ada@example.org"


def test_people_read_the_status_as_text(stack: Stack) -> None:
    outcome = stack.cli.run("status")

    assert outcome.status == 0
    assert [line.split()[0] for line in outcome.stdout.splitlines()] == ["queue", "outbox", "done"]
