"""`convoke dlq`: list failed deliveries with the reason, and redrive them."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.messages import DeliveryMessage, encode_message
from convoke_local.sqs.queues import make_client
from e2e.conftest import Cli, Stack
from sqlalchemy import Engine, text
from support.processes import wait_until


class Morgue:
    """Make deliveries fail permanently, and inspect the remains."""

    def __init__(self, stack: Stack, engine: Engine) -> None:
        self._stack = stack
        self._engine = engine
        state = stack.read_state()
        self._client = make_client(state["sqs_endpoint"])
        self._dead_letter_url = state["dead_letter_queue_url"]

    def execute(self, statement: str, **values: Any) -> list[Any]:
        with autocommit(self._engine) as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def fail(self, event_id: str) -> None:
        """Set the state after the last receive: the row has its failure, and the message is a dead letter."""
        [(outbox_id,)] = self.execute(
            """UPDATE outbox SET delivered_at = NULL, written = NULL, failed_at = now(),
                   failure = 'the payload has a version that this worker does not know'
               WHERE event_id = :id RETURNING id""",
            id=event_id,
        )
        self.execute("DELETE FROM notifications WHERE event_id = :id", id=event_id)
        self.bury(encode_message(DeliveryMessage(outbox_id, event_id, "event_invited")))

    def bury(self, body: str) -> None:
        self._client.send_message(QueueUrl=self._dead_letter_url, MessageBody=body)

    def list(self, *options: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._stack.cli.run("dlq", "list", "--json", *options).stdout)
        return found


@pytest.fixture
def morgue(stack: Stack) -> Iterator[Morgue]:
    engine = make_engine(stack.read_state()["database_url"], timeout_seconds=10, application_name="tests")
    yield Morgue(stack, engine)
    engine.dispose()


def make_failure(stack: Stack, morgue: Morgue, guest: str) -> str:
    """Create an event whose invitation of `guest` fails; return its id."""
    event_id = str(stack.create_event(f"Секрет {guest}", "ada", guest).json()["id"])
    wait_until(lambda: stack.read_inbox(guest) != [])
    morgue.fail(event_id)
    return event_id


def test_a_failure_is_listed_with_its_reason_and_without_personal_data(stack: Stack, morgue: Morgue) -> None:
    event_id = make_failure(stack, morgue, "listed")

    shown = stack.cli.run("dlq", "list", "--event", event_id)

    assert shown.status == 0
    assert f"event_invited event {event_id}" in shown.stdout
    assert "the payload has a version that this worker does not know" in shown.stdout
    assert "Секрет" not in shown.stdout
    assert "@" not in shown.stdout
    [failed] = morgue.list("--event", event_id)["failed"]
    assert (failed["event_id"], failed["type"]) == (event_id, "event_invited")
    stack.cli.run("dlq", "redrive")


def test_a_redrive_delivers_once_and_a_second_one_does_nothing(stack: Stack, morgue: Morgue) -> None:
    make_failure(stack, morgue, "once")

    first = stack.cli.run("dlq", "redrive")

    assert first.stdout == "1 outbox rows are pending again, 1 messages sent\n"
    wait_until(lambda: len(stack.read_inbox("once")) == 1)
    wait_until(lambda: morgue.list() == {"failed": [], "dead_letters": 0, "unreadable": []})
    assert stack.cli.run("dlq", "redrive").stdout == "0 outbox rows are pending again, 0 messages sent\n"
    assert len(stack.read_inbox("once")) == 1


def test_only_the_event_or_the_type_that_is_named_is_sent_again(stack: Stack, morgue: Morgue) -> None:
    chosen, other = (make_failure(stack, morgue, guest) for guest in ("chosen", "other"))

    assert stack.cli.run("dlq", "redrive", "--type", "event_cancelled").stdout.startswith("0 outbox rows")
    assert stack.cli.run("dlq", "redrive", "--event", chosen).stdout.startswith("1 outbox rows")

    wait_until(lambda: len(stack.read_inbox("chosen")) == 1)
    left = morgue.list()
    assert [failed["event_id"] for failed in left["failed"]] == [other]
    assert left["dead_letters"] == 1
    assert stack.cli.run("dlq", "redrive", "--type", "event_invited").stdout.startswith("1 outbox rows")
    wait_until(lambda: len(stack.read_inbox("other")) == 1)


def test_messages_that_cannot_be_read_are_listed_and_stay_unless_they_are_included(
    stack: Stack, make_cli: Callable[..., Cli]
) -> None:
    # On queues of its own, which no worker reads.
    state = stack.read_state()
    client = make_client(state["sqs_endpoint"])
    url, dead_letter_url = (
        client.create_queue(QueueName=f"unreadable-{name}")["QueueUrl"] for name in ("main", "dead")
    )
    cli = make_cli(
        DATABASE_URL=state["database_url"],
        AWS_ENDPOINT_URL_SQS=state["sqs_endpoint"],
        QUEUE_URL=url,
        DEAD_LETTER_QUEUE_URL=dead_letter_url,
    )
    readable = encode_message(DeliveryMessage(uuid4(), uuid4(), "event_invited"))
    odd = ["\x9b31mno message", '{"schema": 99, "event_id": "secret@example.org"}']
    for body in (readable, *odd):
        client.send_message(QueueUrl=dead_letter_url, MessageBody=body)

    listed = json.loads(cli.run("dlq", "list", "--json").stdout)
    shown = cli.run("dlq", "list").stdout

    assert (listed["failed"], listed["dead_letters"]) == ([], 3)
    assert {message["reason"] for message in listed["unreadable"]} == {
        "the message body is not a delivery message",
        "the message has a schema that this worker does not know",
    }
    for message in listed["unreadable"]:
        assert message["receives"] == 1
        assert f"message {message['message_id']} cannot be read, received 2 times: " in shown
    assert shown.endswith("0 failed, 3 dead letters, 2 of them cannot be read\n")
    assert "\x9b" not in shown
    assert "@" not in shown

    assert cli.run("dlq", "redrive").stdout == (
        "0 outbox rows are pending again, 1 messages sent;"
        " 2 dead letters cannot be read and stay, --unreadable sends them too\n"
    )
    assert json.loads(cli.run("dlq", "list", "--json").stdout)["dead_letters"] == 2
    sent = cli.run("dlq", "redrive", "--unreadable").stdout
    assert sent == "0 outbox rows are pending again, 2 messages sent\n"
    assert json.loads(cli.run("dlq", "list", "--json").stdout)["dead_letters"] == 0


def test_a_row_whose_dead_letter_has_expired_is_sent_again_too(stack: Stack, morgue: Morgue) -> None:
    event_id = str(stack.create_event("Expired", "ada", "late").json()["id"])
    wait_until(lambda: stack.read_inbox("late") != [])
    morgue.execute("DELETE FROM notifications WHERE event_id = :id", id=event_id)
    morgue.execute(
        "UPDATE outbox SET delivered_at = NULL, failed_at = now(), failure = 'x' WHERE event_id = :id",
        id=event_id,
    )

    assert stack.cli.run("dlq", "redrive").stdout == "1 outbox rows are pending again, 1 messages sent\n"

    wait_until(lambda: len(stack.read_inbox("late")) == 1)


def test_half_of_the_addresses_of_another_stack_are_refused_in_one_line(stack: Stack) -> None:
    stack.cli.environment["QUEUE_URL"] = "https://sqs.eu-central-1.amazonaws.com/1/queue"
    try:
        outcome = stack.cli.run("dlq", "list")
    finally:
        del stack.cli.environment["QUEUE_URL"]

    assert (outcome.status, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith(
        "convoke: set DATABASE_URL, QUEUE_URL and DEAD_LETTER_QUEUE_URL together"
    )


def test_the_stack_can_be_named_by_the_environment(
    stack: Stack, morgue: Morgue, make_cli: Callable[..., Cli]
) -> None:
    event_id = make_failure(stack, morgue, "remote")
    state = stack.read_state()
    # On a folder without a running stack, as for a stack on AWS.
    elsewhere = make_cli(
        DATABASE_URL=state["database_url"],
        AWS_ENDPOINT_URL_SQS=state["sqs_endpoint"],
        QUEUE_URL=state["queue_url"],
        DEAD_LETTER_QUEUE_URL=state["dead_letter_queue_url"],
    )

    assert elsewhere.run("dlq", "redrive", "--event", event_id).stdout.startswith("1 outbox rows")

    wait_until(lambda: len(stack.read_inbox("remote")) == 1)


@pytest.mark.parametrize("action", ["list", "redrive"])
def test_a_database_that_does_not_respond_is_one_clear_line(
    make_cli: Callable[..., Cli], action: str
) -> None:
    elsewhere = make_cli(
        DATABASE_URL="postgresql://nobody:nothing@127.0.0.1:1/none",
        AWS_ENDPOINT_URL_SQS="http://127.0.0.1:1",
        QUEUE_URL="http://127.0.0.1:1/1/queue",
        DEAD_LETTER_QUEUE_URL="http://127.0.0.1:1/1/dead",
    )

    outcome = elsewhere.run("dlq", action)

    assert (outcome.status, outcome.stdout) == (1, "")
    assert (
        outcome.stderr
        == "convoke: the database does not respond: is the stack running, is DATABASE_URL right?\n"
    )
