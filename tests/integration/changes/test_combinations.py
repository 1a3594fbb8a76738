"""Features that meet: erasure and addresses, blocks and leaving, quotas and events that have ended."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from integration.api.client import Client
from integration.changes.test_blocks import block
from integration.changes.test_deliveries import waves
from integration.changes.test_erasure import mentions, token
from integration.changes.test_leaving import leave
from integration.changes.test_quotas import check_refused, limit, usage
from integration.changes.world import EVENT_BODY, World, from_now, kinds

PAST = {"starts_at": from_now(hours=-3), "ends_at": from_now(hours=-2)}
QUIETLY = "?notify_ended=false"


def rows_of(world: World, table: str, person_id: str) -> int:
    """How many rows of the table hold the person's id, in any column."""
    (row,) = world.query(
        f"SELECT count(*) AS n FROM {table} AS it WHERE to_jsonb(it)::text LIKE '%' || :id || '%'",
        id=person_id,
    )
    return int(row["n"])


def test_nothing_of_an_erased_person_is_left_in_invitations_addresses_and_acquaintances(
    world: World, anna: Client
) -> None:
    word = uuid4().hex
    claims = {"sub": f"zinaida-{word}", "name": f"Zinaida {word}", "email_verified": "true"}
    addresses = [f"{name}-{word}@{world.domain}" for name in ("first", "second")]
    first, second = (
        Client(world.handler, {**claims, "email": address, **token(issued)})
        for address, issued in zip(addresses, (-3_600, -1_800), strict=True)
    )
    responded = world.plan(anna, participant_emails=addresses[:1])
    person_id = first.id
    first.patch(f"/v1/events/{responded['id']}/participants/me", {"response_status": "accepted"})
    # The second address is a waiting person's, who is merged into this one.
    invited = world.plan(anna, participant_emails=addresses[1:])
    world.deliver(responded, invited)
    assert second.get("/v1/me").json["id"] == person_id
    assert second.get(f"/v1/events/{invited['id']}").status == 200
    assert rows_of(world, "former_addresses", person_id) == rows_of(world, "acquaintances", person_id) == 1
    assert {"former_addresses", "users", "event_participants"} <= set(mentions(world, word))

    assert second.delete("/v1/me").status == 204

    assert mentions(world, word) == []
    assert anna.patch(f"/v1/events/{invited['id']}", {"title": "Another"}).status == 200
    world.deliver(responded, invited)
    world.take_steps()
    assert mentions(world, word) == []
    assert rows_of(world, "former_addresses", person_id) == rows_of(world, "acquaintances", person_id) == 0
    left = "SELECT 1 FROM event_participants WHERE user_id = :id AND invited_address IS NOT NULL"
    assert world.query(left, id=person_id) == []
    assert world.query("SELECT 1 FROM notifications WHERE user_id = :id", id=person_id) == []


def test_what_was_left_with_a_merged_person_is_erased_too(world: World, anna: Client) -> None:
    boris = world.person("boris", email_verified="false")
    event = world.plan(anna, participant_emails=[boris.email])
    waiting_id = event["participants"][0]["user_id"]
    verified = world.person("boris", **token(-60))
    person_id = verified.id
    assert verified.get(f"/v1/events/{event['id']}").status == 200
    # A delivery that resolved the address before it was merged.
    world.query(
        "INSERT INTO notifications (user_id, id, event_id, type, title, message, created_at, written_at)"
        " SELECT :id, uuid7_at(now()), :event_id, 'event_updated', 't', 'm', now(), now()",
        id=waiting_id,
        event_id=event["id"],
    )

    assert verified.delete("/v1/me").status == 204

    world.take_steps()
    assert world.query("SELECT 1 FROM notifications WHERE user_id = :id", id=waiting_id) == []
    # The address is free: it is invited as somebody new.
    (participant,) = world.plan(anna, participant_emails=[boris.email])["participants"]
    assert participant["user_id"] not in (waiting_id, person_id)


def test_an_address_that_is_somebody_elses_by_now_stays_with_that_person(world: World, anna: Client) -> None:
    former = world.person("former", **token(-3_600))
    next_one = world.person("next", sub=f"next-{uuid4().hex}", email=former.email, **token(-60))
    event = world.plan(anna, participant_emails=[former.email])

    assert former.delete("/v1/me").status == 204

    world.take_steps()
    world.deliver(event)
    assert next_one.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"
    assert kinds(next_one) == ["event_invited"]


def test_a_blocked_person_may_leave_and_is_charged_and_the_organizer_is_not_notified(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris)
    world.deliver(event)
    block(anna, boris)

    assert leave(boris, event) == 204

    assert usage(world, boris) == (1, 1)
    world.deliver(event)
    assert kinds(anna) == []
    (row,) = world.outbox(event, "participant_responded")
    assert (row["written"], row["muted"]) == (0, 1)
    # The trail tells neither what is muted nor who blocks whom.
    assert waves(anna, event) == [("event_invited", 1, 1, 0, 0), ("participant_responded", 1, 1, 0, 0)]


def test_deliveries_count_muted_and_blocking_recipients_like_all_others(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    dora = world.person("dora")
    block(boris, anna)
    for person in (boris, carol):
        # Both blocks and mutes: counted once.
        preferences = {"event_updated": {"in_app": False}}
        assert person.call("PUT", "/v1/me/preferences", preferences).status == 200
    event = world.plan(anna, boris, carol, dora)
    anna.patch(f"/v1/events/{event['id']}", {"title": "Another"})
    assert waves(anna, event) == [("event_invited", 3, 0, 3, 0), ("event_updated", 3, 0, 3, 0)]

    world.deliver(event)

    assert waves(anna, event) == [("event_invited", 3, 3, 0, 0), ("event_updated", 3, 3, 0, 0)]
    assert [(row["written"], row["muted"]) for row in world.outbox(event)] == [(2, 1), (1, 2)]
    assert [kinds(person) for person in (boris, carol, dora)] == [
        [],
        ["event_invited"],
        ["event_invited", "event_updated"],
    ]


#: Each act on an event that has ended: who does it, and how.
ENDED_ACTS: dict[str, Callable[[Client, Client, str], Any]] = {
    "update": lambda anna, boris, path: anna.patch(f"{path}{QUIETLY}", {"title": "Another"}),
    "invite": lambda anna, boris, path: anna.post(
        f"{path}/participants{QUIETLY}", {"participant_emails": ["new@example.org"]}
    ),
    "respond": lambda anna, boris, path: boris.patch(
        f"{path}/participants/me{QUIETLY}", {"response_status": "accepted"}
    ),
    "leave": lambda anna, boris, path: boris.delete(f"{path}/participants/me{QUIETLY}"),
    "remove": lambda anna, boris, path: anna.delete(f"{path}/participants/{boris.id}{QUIETLY}"),
    "cancel": lambda anna, boris, path: anna.delete(f"{path}{QUIETLY}"),
}


@pytest.mark.parametrize("act", ENDED_ACTS)
def test_an_act_that_notifies_nobody_of_an_ended_event_is_charged_to_no_quota(
    world: World, anna: Client, boris: Client, carol: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    created = anna.post(
        f"/v1/events{QUIETLY}", {**EVENT_BODY, **PAST, "participant_ids": [boris.id, carol.id]}
    )
    event = created.json
    assert created.status == 201
    assert (usage(world, anna), world.outbox(event)) == ((0, 0), [])
    # Both quotas are used up.
    allow = limit(world, monkeypatch, wave_quota=1, notification_quota=1)
    world.query(
        "INSERT INTO quota_usage (user_id, waves, notifications)"
        " SELECT CAST(it AS uuid), 1, 1 FROM unnest(CAST(:ids AS text[])) AS it"
        " ON CONFLICT (user_id) DO UPDATE SET waves = 1, notifications = 1",
        ids=[anna.id, boris.id],
    )

    response = ENDED_ACTS[act](allow(anna), allow(boris), f"/v1/events/{event['id']}")

    assert response.status in (200, 204), response.text
    assert world.outbox(event) == []
    assert usage(world, anna) == usage(world, boris) == (1, 1)


@pytest.mark.parametrize("wish", ["", QUIETLY])
def test_cancelling_notifies_the_participants_of_an_ended_event_unless_the_caller_wants_nobody_notified(
    world: World, anna: Client, boris: Client, carol: Client, wish: str
) -> None:
    event = world.plan(anna, boris, carol, **PAST)
    assert leave(carol, event) == 204
    assert anna.delete(f"/v1/events/{event['id']}{wish}").status == 204

    waves_of_cancellation = [row["recipient_ids"] for row in world.outbox(event, "event_cancelled")]
    assert waves_of_cancellation == ([] if wish else [[boris.uuid]])
    assert boris.get(f"/v1/events/{event['id']}").json["status"] == "cancelled"


@pytest.mark.parametrize("act", ["create", "invite"])
def test_a_replay_under_a_quota_that_is_used_up_gives_the_stored_result(
    world: World, anna: Client, boris: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    key = {"idempotency-key": uuid4().hex}
    path = f"/v1/events/{world.plan(anna)['id']}/participants" if act == "invite" else "/v1/events"
    body = (
        {"participant_ids": [boris.id]} if act == "invite" else {**EVENT_BODY, "participant_ids": [boris.id]}
    )
    first = anna.post(path, body, headers=key)
    used = usage(world, anna)
    allow = limit(world, monkeypatch, create_quota=1, wave_quota=1, notification_quota=1)

    replayed = allow(anna).post(path, body, headers=key)

    assert replayed.status == first.status
    assert replayed.headers["idempotency-replayed"] == "true"
    assert replayed.json == first.json
    assert usage(world, anna) == used == (1, 1)
    fresh = body if act == "create" else {"participant_emails": [f"new@{world.domain}"]}
    check_refused(allow(anna).post(path, fresh, headers={"idempotency-key": uuid4().hex}))


def test_the_tag_of_the_calendar_file_does_not_depend_on_a_name_that_is_hidden(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris)
    path = f"/v1/events/{event['id']}"

    def tags() -> tuple[str, str]:
        file = anna.get(f"{path}/calendar.ics")
        assert file.status == 200
        return file.headers["etag"], anna.get(path).headers["etag"]

    hidden = tags()
    assert boris.patch("/v1/me", {"full_name": "Boris the Hidden"}).status == 200
    assert tags() == hidden
    boris.patch(f"{path}/participants/me", {"response_status": "accepted"})
    shown = tags()
    assert boris.patch("/v1/me", {"full_name": "Boris the Shown"}).status == 200
    named = tags()
    assert "Boris the Shown" in anna.get(f"{path}/calendar.ics").text
    assert boris.delete("/v1/me").status == 204
    assert len({hidden, shown, named, tags()}) == 4
    assert len({file for file, _ in (hidden, shown, named, tags())}) == 4
