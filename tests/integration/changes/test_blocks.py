"""Blocks: of a blocked person's acts nothing is written for who has blocked, and nobody can tell."""

from typing import Any

from convoke_api.me import blocks
from integration.api.client import Client, check_problem
from integration.changes.world import World, from_now, kinds

NOBODY = "00000000-0000-4000-8000-000000000001"


def block(person: Client, blocked: Client) -> None:
    response = person.call("PUT", f"/v1/me/blocks/{blocked.id}")
    assert (response.status, response.text) == (204, "")


def blocked_ids(person: Client, limit: int = 100) -> list[str]:
    """The ids in all pages of the person's blocks."""
    found: list[str] = []
    cursor = ""
    while True:
        page = person.get(f"/v1/me/blocks?limit={limit}{cursor}").json
        assert all(item.keys() == {"user_id", "created_at"} for item in page["items"])
        found += [item["user_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_blocks_are_listed_by_pages_and_can_be_repeated_and_taken_back(
    world: World, anna: Client, boris: Client
) -> None:
    others = world.people(5)
    for user_id in others:
        assert anna.call("PUT", f"/v1/me/blocks/{user_id}").status == 204
    since = anna.get("/v1/me/blocks").json
    assert anna.call("PUT", f"/v1/me/blocks/{others[0]}").status == 204

    assert blocked_ids(anna, limit=2) == others
    assert anna.get("/v1/me/blocks").json == since
    assert blocked_ids(boris) == []
    for _ in range(2):
        assert anna.delete(f"/v1/me/blocks/{others[0]}").status == 204
    assert anna.delete(f"/v1/me/blocks/{NOBODY}").status == 204
    assert blocked_ids(anna) == others[1:]
    # A cursor of another list is none of this one.
    world.plan(anna, participant_ids=others)
    cursor = anna.get("/v1/me/blocks?limit=1").json["next_cursor"]
    check_problem(anna.get(f"/v1/notifications?cursor={cursor}"), 422)


def test_oneself_and_nobody_cannot_be_blocked(world: World, anna: Client, boris: Client) -> None:
    check_problem(anna.call("PUT", f"/v1/me/blocks/{anna.id}"), 422)
    check_problem(anna.call("PUT", f"/v1/me/blocks/{NOBODY}"), 404)
    check_problem(anna.call("PUT", "/v1/me/blocks/not-an-id"), 404)
    erased = boris.id
    assert boris.delete("/v1/me").status == 204
    check_problem(anna.call("PUT", f"/v1/me/blocks/{erased}"), 404)
    assert blocked_ids(anna) == []


def test_of_a_blocked_persons_acts_nothing_is_written(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    event = world.plan(anna, boris, carol)
    world.deliver(event)
    block(boris, anna)

    path = f"/v1/events/{event['id']}"
    anna.patch(path, {"title": "Another"})
    anna.delete(f"{path}/participants/{boris.id}")
    anna.post(f"{path}/participants", {"participant_ids": [boris.id]})
    anna.delete(path)
    world.deliver(event)

    assert kinds(boris) == ["event_invited"]
    assert kinds(carol) == ["event_invited", "event_updated", "event_cancelled"]
    # Counted like what is muted.
    rows = {row["id"]: (row["type"], row["written"], row["muted"]) for row in world.outbox(event)}
    assert list(rows.values()) == [
        ("event_invited", 2, 0),
        ("event_updated", 1, 1),
        ("participant_removed", 0, 1),
        ("event_invited", 0, 1),
        ("event_cancelled", 1, 1),
    ]


def test_responses_of_a_blocked_person_are_not_written_and_those_of_others_are(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    event = world.plan(anna, boris, carol)
    world.deliver(event)
    block(anna, boris)
    for person in (boris, carol):
        person.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": "accepted"})
    world.deliver(event)

    assert [it["actor"]["id"] for it in anna.get("/v1/notifications").json["items"]] == [carol.id]
    # The response itself counts: only the notification is not written.
    assert anna.get(f"/v1/events/{event['id']}").json["participant_counts"]["accepted"] == 2


def test_a_block_works_one_way_and_for_one_person(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    block(boris, anna)
    for organizer, guest in ((boris, anna), (carol, boris)):
        world.deliver(world.plan(organizer, guest))
    assert (kinds(anna), kinds(boris)) == (["event_invited"], ["event_invited"])


def test_reminders_are_nobodys_act(world: World, anna: Client, boris: Client) -> None:
    times = {"starts_at": from_now(minutes=30), "ends_at": from_now(minutes=60), "reminder_minutes": [20]}
    event = world.plan(anna, boris, **times)
    block(boris, anna)
    world.pass_time(event, minutes=15)
    world.deliver(event)
    assert kinds(boris) == ["event_reminder"]


def test_what_is_taken_back_is_written_again(world: World, anna: Client, boris: Client) -> None:
    block(boris, anna)
    world.deliver(world.plan(anna, boris))
    assert boris.delete(f"/v1/me/blocks/{anna.id}").status == 204
    world.deliver(world.plan(anna, boris))
    assert kinds(boris) == ["event_invited"]


def test_the_blocked_person_sees_no_difference(world: World, anna: Client, boris: Client) -> None:
    def story(guest: Client) -> list[Any]:
        event = world.plan(anna, guest)
        world.deliver(event)
        shown = anna.get(f"/v1/events/{event['id']}").json
        people = anna.get(f"/v1/events/{event['id']}/participants").json["items"]
        return [sorted(shown), shown["participant_counts"], [sorted(person) for person in people]]

    before = story(boris)
    block(boris, anna)
    assert story(boris) == before


def test_one_person_blocks_no_more_than_the_bound_also_at_once(world: World, anna: Client) -> None:
    others = world.people(blocks.MAX_BLOCKS + 1)
    world.query(
        "INSERT INTO blocks (user_id, blocked_id) SELECT :id, it FROM unnest(CAST(:others AS uuid[])) AS it",
        id=anna.id,
        others=others[: blocks.MAX_BLOCKS - 1],
    )
    # The last block that fits, not yet committed, as another call makes it.
    last = """
        WITH caller AS (SELECT id FROM users WHERE id = :id FOR NO KEY UPDATE)
        INSERT INTO blocks (user_id, blocked_id) SELECT id, :blocked FROM caller
    """
    with world.held(last, id=anna.id, blocked=others[-2]):
        response = world.call_aside(anna, "PUT", f"/v1/me/blocks/{others[-1]}")

    check_problem(response(), 422)
    assert anna.call("PUT", f"/v1/me/blocks/{others[0]}").status == 204
    (row,) = world.query("SELECT count(*) AS n FROM blocks WHERE user_id = :id", id=anna.id)
    assert row["n"] == blocks.MAX_BLOCKS


def test_an_erased_person_blocks_nobody_and_stays_blocked(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris)
    world.deliver(event)
    block(boris, anna)
    block(anna, boris)
    assert anna.delete("/v1/me").status == 204
    world.deliver(event)

    # The cancellation is the last act of the erased person.
    assert kinds(boris) == ["event_invited"]
    rows = world.query("SELECT user_id FROM blocks WHERE user_id = :id OR blocked_id = :id", id=boris.id)
    assert [row["user_id"] for row in rows] == [boris.uuid]
