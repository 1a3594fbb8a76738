"""Security, line 10: the worker trusts nothing in a message but an id, which it looks up."""

import json
from typing import Any
from uuid import uuid4

import pytest
from integration.api.client import Client
from integration.changes.world import World, inbox, kinds
from integration.security.deployment import printed_lines, read_records, run_worker
from integration.worker.stage import sqs_event

SECRET = "SECRET-7f3a"


@pytest.fixture
def anna(world: World) -> Client:
    return world.person("anna")


@pytest.fixture
def boris(world: World) -> Client:
    return world.person("boris")


@pytest.fixture
def carol(world: World) -> Client:
    return world.person("carol")


def forge(outbox_id: object, /, **fields: Any) -> str:
    """A message for a row that says whatever else it likes."""
    said = {"schema": 1, "outbox_id": str(outbox_id), "event_id": str(uuid4()), "type": "event_cancelled"}
    return json.dumps({**said, **fields})


def test_what_is_delivered_and_to_whom_stands_in_the_row_alone(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    invited, other = world.plan(anna, boris, title="Planning"), world.plan(anna, title="Another")
    (outbox_id,) = world.owed(invited)
    message = forge(
        outbox_id,
        event_id=other["id"],
        recipient_ids=[carol.id],
        user_id=carol.id,
        title=SECRET,
        payload={"version": 1, "title": SECRET},
        actor_id=boris.id,
        correlation_id="someone-elses",
    )

    assert run_worker(world, world.make_engine(), sqs_event(message)) == []

    assert kinds(boris) == ["event_invited"]
    (told,) = inbox(boris)
    assert "Planning" in told
    assert SECRET not in told
    assert inbox(carol) == inbox(anna) == []
    assert anna.get(f"/v1/events/{other['id']}").json == other
    assert anna.get(f"/v1/events/{invited['id']}").json["status"] == "confirmed"


@pytest.mark.parametrize("forged", [lambda event: uuid4(), lambda event: event["id"]])
def test_an_id_that_names_no_row_does_nothing(world: World, anna: Client, boris: Client, forged: Any) -> None:
    event = world.plan(anna, boris)

    message = forge(forged(event), event_id=event["id"], type="event_invited", recipient_ids=[boris.id])
    assert run_worker(world, world.make_engine(), sqs_event(message)) == []

    assert inbox(boris) == []
    assert len(world.owed(event)) == 1


def test_a_message_cannot_bring_a_reminder_forward_or_a_withdrawn_one_back(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, reminder_minutes=[15])
    world.deliver(event)
    (reminder,) = (row["id"] for row in world.outbox(event, "event_reminder"))
    engine = world.make_engine()

    message = forge(reminder, type="event_invited", due_at="1970-01-01T00:00:00Z")
    assert run_worker(world, engine, sqs_event(message)) == []
    assert anna.delete(f"/v1/events/{event['id']}").status == 204
    world.query("UPDATE outbox SET due_at = now() - interval '1 minute' WHERE id = :id", id=reminder)
    assert run_worker(world, engine, sqs_event(message)) == []

    assert kinds(boris) == ["event_invited"]
    assert inbox(anna) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"correlation_id": f"a\r\n{{}}\n{SECRET}"},
        {"correlation_id": {"a": SECRET}},
        {"correlation_id": SECRET * 10_000},
        {"type": f"event_invited\r\n{SECRET}"},
        {"type": [SECRET]},
        {"type": SECRET * 10_000},
        {SECRET: SECRET},
        {"event_id": SECRET},
        {"outbox_id": SECRET},
        {"outbox_id": f"00000000-0000-0000-0000-000000000001\r\n{SECRET}"},
        {"schema": SECRET},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_nothing_of_a_forged_message_gets_into_the_log(
    world: World, anna: Client, boris: Client, fields: dict[str, Any]
) -> None:
    (outbox_id,) = world.owed(world.plan(anna, boris))

    with printed_lines() as lines:
        run_worker(world, world.make_engine(), sqs_event(forge(outbox_id, **fields)))

    records = read_records(lines())
    assert len(records) == 1
    assert SECRET not in "".join(lines())
    assert len(lines()[0]) < 2_000


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        '"' + SECRET + '"',
        SECRET,
        "{}",
        "[" * 100_000,
        '{"schema": 1}',
        "\ud800",
        "1" * 5_000,
    ],
    ids=lambda body: ascii(body[:20]),
)
def test_a_message_that_cannot_be_read_fails_alone(
    world: World, anna: Client, boris: Client, body: str
) -> None:
    event = world.plan(anna, boris)
    (outbox_id,) = world.owed(event)
    engine = world.make_engine()

    with printed_lines() as lines:
        assert run_worker(world, engine, sqs_event(body, outbox_id)) == ["m0"]

    read_records(lines())
    assert SECRET not in "".join(lines())
    assert kinds(boris) == ["event_invited"]
