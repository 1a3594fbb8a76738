"""The steps by which an address's invitations change hands: bounded, and gone on with by the relay."""

from typing import Any

import pytest
from convoke.handover import STEP
from convoke_relay.handovers import continue_handovers
from integration.api.client import Client
from integration.changes.test_addresses import invite, participant_ids, sees, sign_in
from integration.changes.world import World, kinds


def tick(world: World, *, remaining_seconds: float = 60) -> int:
    """One look of the relay at what is due; how many steps it made."""
    return continue_handovers(world.make_engine(), remaining_seconds=lambda: remaining_seconds)


def fall_due(world: World) -> None:
    world.query("UPDATE former_addresses SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL")


def count_participations(world: World, user_id: str) -> int:
    (row,) = world.query("SELECT count(*) FROM event_participants WHERE user_id = :id", id=user_id)
    return int(row["count"])


def test_a_call_hands_over_one_step_and_the_relay_the_rest(own_world: World) -> None:
    world = own_world
    anna = world.person("anna")
    boris = sign_in(world, "boris", "b", 100, verified=False)
    first = invite(world, anna, "b")
    (waiting,) = participant_ids(anna, first)
    number = 2 * STEP + STEP // 2
    world.copies(first, number - 1)

    boris = sign_in(world, "boris", "b", 200)

    assert (count_participations(world, boris.id), count_participations(world, waiting)) == (
        STEP,
        number - STEP,
    )
    assert tick(world, remaining_seconds=1) == 0
    assert tick(world) == 2
    assert (count_participations(world, boris.id), count_participations(world, waiting)) == (number, 0)
    assert tick(world) == 0
    (owed,) = world.query(
        "SELECT count(*) FROM outbox WHERE recipient_ids = ARRAY[CAST(:boris AS uuid)]", boris=boris.id
    )
    assert owed["count"] == number


def test_a_statement_that_resolved_the_address_before_is_caught_up_with(own_world: World) -> None:
    world = own_world
    anna = world.person("anna")
    boris = sign_in(world, "boris", "desk", 100)
    heir = sign_in(world, "heir", "desk", 200)
    # As the creating statement leaves them that found Boris and was committed after the heir's call.
    late, delivered = (world.plan(anna, boris) for _ in range(2))
    world.query(
        "UPDATE event_participants SET invited_address = :key WHERE event_id = ANY (CAST(:ids AS uuid[]))",
        key=f"desk@{world.domain}",
        ids=[late["id"], delivered["id"]],
    )
    by_id = world.plan(anna, boris)
    world.deliver(delivered, by_id)

    fall_due(world)
    assert tick(world) == 1

    assert [sees(boris, it) for it in (late, delivered, by_id)] == [False, False, True]
    assert [sees(heir, it) for it in (late, delivered, by_id)] == [True, True, False]
    world.deliver(late)
    assert kinds(boris) == ["event_invited"]
    assert kinds(heir) == ["event_invited"] * 2


@pytest.mark.parametrize(("days", "left"), [(35, 1), (37, 0)])
def test_what_changed_hands_is_watched_for_as_long_as_a_message_can_live(
    own_world: World, days: int, left: int
) -> None:
    world = own_world
    anna = world.person("anna")
    sign_in(world, "boris", "b", 100, verified=False)
    (waiting,) = participant_ids(anna, invite(world, anna, "b"))
    sign_in(world, "boris", "b", 200)
    world.query("UPDATE former_addresses SET taken_at = now() - :days * interval '1 day'", days=days)
    fall_due(world)

    tick(world)

    rows: list[Any] = world.query("SELECT 1 FROM former_addresses")
    assert len(rows) == left
    assert len(world.query("SELECT 1 FROM users WHERE id = :id", id=waiting)) == left


def test_blocks_that_name_a_merged_person_name_the_holder(own_world: World) -> None:
    world = own_world
    anna, carla, dora = (world.person(name) for name in ("anna", "carla", "dora"))
    boris = sign_in(world, "boris", "b", 100, verified=False)
    (waiting,) = participant_ids(anna, invite(world, anna, "b"))
    for blocker, blocked in (
        (carla.id, waiting),
        (dora.id, waiting),
        (dora.id, boris.id),
        (boris.id, waiting),
        (waiting, anna.id),
        (waiting, boris.id),
    ):
        world.query(
            "INSERT INTO blocks (user_id, blocked_id) VALUES (:blocker, :blocked)",
            blocker=blocker,
            blocked=blocked,
        )

    sign_in(world, "boris", "b", 200)

    rows = world.query("SELECT user_id, blocked_id FROM blocks")
    assert {(str(row["user_id"]), str(row["blocked_id"])) for row in rows} == {
        (carla.id, boris.id),
        (dora.id, boris.id),
        (boris.id, anna.id),
    }


def test_looks_become_rarer_with_time(own_world: World) -> None:
    world = own_world
    sign_in(world, "boris", "desk", 100)
    sign_in(world, "heir", "desk", 200)
    world.query("UPDATE former_addresses SET taken_at = now() - interval '3 hours'")
    fall_due(world)
    tick(world)

    (row,) = world.query(
        "SELECT next_attempt_at - now() BETWEEN interval '2 hours' AND interval '4 hours' AS far"
        " FROM former_addresses"
    )
    assert row["far"]
    assert tick(world) == 0


def test_what_nobody_holds_waits(own_world: World) -> None:
    world = own_world
    anna = world.person("anna")
    boris = sign_in(world, "boris", "old", 100)
    event = invite(world, anna, "old")
    boris = sign_in(world, "boris", "new", 200)

    assert tick(world) == 0

    assert sees(boris, event)
    (row,) = world.query("SELECT taken_at FROM former_addresses")
    assert row["taken_at"] is None


def test_a_holder_who_is_erased_gets_nothing_more(own_world: World) -> None:
    world = own_world
    anna = world.person("anna")
    boris: Client = sign_in(world, "boris", "desk", 100)
    heir = sign_in(world, "heir", "desk", 200)
    late = world.plan(anna, boris)
    world.query("UPDATE event_participants SET invited_address = :key", key=f"desk@{world.domain}")
    assert heir.delete("/v1/me").status == 204
    fall_due(world)

    tick(world)

    assert sees(boris, late)
