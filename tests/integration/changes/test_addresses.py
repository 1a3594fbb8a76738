"""A verified address belongs to the person who proved it last, and takes along what waits under it."""

from typing import Any

import pytest
from integration.api.client import Client
from integration.changes.world import World, kinds


def sign_in(world: World, subject: str, address: str, at: int, *, verified: bool = True) -> Client:
    """The person with a token that was issued `at` and says this address; the first call is made."""
    claims = {"sub": f"{subject}@{world.domain}", "email": f"{address}@{world.domain}", "iat": str(at)}
    return world.person(subject, **claims, email_verified=str(verified).lower())


def invite(world: World, organizer: Client, address: str, **fields: Any) -> dict[str, Any]:
    """An event to which the address is invited."""
    return world.plan(organizer, participant_emails=[f"{address}@{world.domain}"], **fields)


def sees(person: Client, event: dict[str, Any]) -> bool:
    return person.get(f"/v1/events/{event['id']}").status == 200


def respond(person: Client, event: dict[str, Any], status: str = "accepted") -> int:
    return person.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": status}).status


def participant_ids(organizer: Client, event: dict[str, Any]) -> list[str]:
    shown = organizer.get(f"/v1/events/{event['id']}").json["participants"]
    return [it["user_id"] for it in shown]


def test_an_address_that_is_verified_later_brings_what_waited_under_it(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "b", 100, verified=False)
    delivered, on_its_way = invite(world, anna, "b"), invite(world, anna, "b")
    world.deliver(delivered)
    (waiting,) = participant_ids(anna, delivered)
    assert not sees(boris, delivered)
    assert kinds(boris) == []

    boris = sign_in(world, "boris", "b", 200)

    assert sees(boris, delivered)
    assert sees(boris, on_its_way)
    assert participant_ids(anna, delivered) == [boris.id] != [waiting]
    assert kinds(boris) == ["event_invited"]
    world.deliver(on_its_way)
    assert kinds(boris) == ["event_invited"] * 2
    assert boris.get("/v1/me").json["email"] == f"b@{world.domain}"
    # The person who waited is nobody any more.
    refused = anna.post(f"/v1/events/{delivered['id']}/participants", {"participant_ids": [waiting]})
    assert refused.status == 422


def test_an_address_that_is_changed_later_takes_along_and_leaves_the_old_one(
    world: World, anna: Client
) -> None:
    boris = sign_in(world, "boris", "old", 100)
    earlier, waiting = invite(world, anna, "old"), invite(world, anna, "new")

    boris = sign_in(world, "boris", "new", 200)
    later = invite(world, anna, "old")

    assert [sees(boris, it) for it in (earlier, waiting, later)] == [True, True, False]
    assert boris.get("/v1/me").json["email"] == f"new@{world.domain}"
    heir = sign_in(world, "heir", "old", 300)
    assert [sees(heir, it) for it in (earlier, waiting, later)] == [True, False, True]
    assert [sees(boris, it) for it in (earlier, waiting, later)] == [False, True, False]


def test_the_former_owner_of_a_recycled_address_sees_and_receives_nothing_more_through_it(
    world: World, anna: Client
) -> None:
    boris = sign_in(world, "boris", "desk", 100)
    answered, told = invite(world, anna, "desk"), invite(world, anna, "desk")
    assert respond(boris, answered) == 200
    world.deliver(answered, told)
    on_its_way = invite(world, anna, "desk", reminder_minutes=[10])
    own = world.plan(boris)

    heir = sign_in(world, "heir", "desk", 200)
    later = invite(world, anna, "desk")

    assert [sees(boris, it) for it in (answered, told, on_its_way, later, own)] == [
        *(True, False, False, False, True)
    ]
    assert [sees(heir, it) for it in (answered, told, on_its_way, later, own)] == [
        *(False, True, True, True, False)
    ]
    before = kinds(boris)
    assert anna.patch(f"/v1/events/{told['id']}", {"title": "Neu"}).status == 200
    world.pass_time(on_its_way, days=3650)
    world.deliver(told, on_its_way, later)
    assert kinds(boris) == before == ["event_invited"] * 2
    assert sorted(kinds(heir)) == ["event_invited"] * 2 + ["event_reminder", "event_updated"]
    assert respond(heir, told) == 200
    assert respond(boris, told) == 404


@pytest.mark.parametrize("issued_at", [99, 100])
def test_a_token_that_is_not_newer_takes_no_address(world: World, anna: Client, issued_at: int) -> None:
    boris = sign_in(world, "boris", "desk", 100)
    event = invite(world, anna, "desk")

    other = sign_in(world, "other", "desk", issued_at)

    assert (sees(boris, event), sees(other, event)) == (True, False)
    assert sees(sign_in(world, "boris", "desk", 50), event)
    assert not sees(sign_in(world, "other", "desk", issued_at), event)


def test_an_older_token_does_not_bring_an_older_address_back(world: World, anna: Client) -> None:
    sign_in(world, "boris", "old", 100)
    boris = sign_in(world, "boris", "new", 200)

    sign_in(world, "boris", "old", 150)

    event = invite(world, anna, "new")
    assert sees(boris, event)


def test_an_address_that_is_no_longer_verified_is_released(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "b", 100)
    earlier = invite(world, anna, "b")

    boris = sign_in(world, "boris", "b", 200, verified=False)
    later = invite(world, anna, "b")

    assert [sees(boris, it) for it in (earlier, later)] == [True, False]
    boris = sign_in(world, "boris", "b", 300)
    assert [sees(boris, it) for it in (earlier, later)] == [True, True]
    # Nobody else has held it in between: there is nothing to go on with.
    (left,) = world.query("SELECT count(*) FROM former_addresses WHERE user_id = :id", id=boris.id)
    assert left["count"] == 0


def test_a_token_without_an_address_says_nothing_of_it(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "b", 100)
    assert boris.claims
    mute = {"sub": boris.claims["sub"], "iat": "200"}

    assert Client(world.handler, mute).get("/v1/me").json["email"] == f"b@{world.domain}"

    assert sees(boris, invite(world, anna, "b"))


def test_an_invitation_by_id_stays_with_the_person(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "desk", 100)
    event = world.plan(anna, boris)

    heir = sign_in(world, "heir", "desk", 200)

    assert (sees(boris, event), sees(heir, event)) == (True, False)


def test_two_participations_of_one_person_become_one(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "b", 100, verified=False)
    event = world.plan(anna, boris, participant_emails=[f"b@{world.domain}"])
    assert event["participant_counts"]["total"] == 2
    assert respond(boris, event) == 200

    boris = sign_in(world, "boris", "b", 200)
    world.deliver(event)

    counts = anna.get(f"/v1/events/{event['id']}").json["participant_counts"]
    assert (counts["total"], counts["accepted"]) == (1, 1)
    assert kinds(boris) == ["event_invited"]
    waves = anna.get(f"/v1/events/{event['id']}/deliveries").json["items"]
    (invited,) = (it for it in waves if it["type"] == "event_invited")
    assert (invited["recipients"], invited["delivered"]) == (1, 1)


def test_a_person_is_not_notified_of_the_own_event_by_another_address(world: World) -> None:
    boris = sign_in(world, "boris", "old", 100)
    delivered, on_its_way = invite(world, boris, "new"), invite(world, boris, "new")
    world.deliver(delivered)

    boris = sign_in(world, "boris", "new", 200)
    world.deliver(on_its_way)

    assert kinds(boris) == []
    assert boris.get(f"/v1/events/{delivered['id']}").json["my_response_status"] == "needs_action"


def test_what_came_late_is_not_marked_read_unseen(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "b", 100, verified=False)
    world.deliver(invite(world, anna, "b"))
    (now,) = world.query("SELECT clock_timestamp() AS now")

    boris = sign_in(world, "boris", "b", 200)
    marked = boris.post("/v1/notifications/read-all", {"before": now["now"].isoformat()})

    assert marked.json == {"updated": 0}


def test_an_erasure_forgets_addresses_held_before(world: World, anna: Client) -> None:
    boris = sign_in(world, "boris", "old", 100)
    event = invite(world, anna, "old")
    boris = sign_in(world, "boris", "new", 200)
    me = boris.id

    assert boris.delete("/v1/me").status == 204

    rows = world.query(
        """
        SELECT email_key FROM former_addresses WHERE user_id = :id
        UNION ALL SELECT invited_address FROM event_participants
                  WHERE user_id = :id AND invited_address IS NOT NULL
        """,
        id=me,
    )
    assert rows == []
    (shown,) = anna.get(f"/v1/events/{event['id']}").json["participants"]
    assert (shown["email"], shown["full_name"]) == (None, None)
    # A person who proves the address later finds nothing of the erased one's.
    assert not sees(sign_in(world, "heir", "old", 300), event)
