"""Persons, invitations and responses that meet while an address changes hands."""

from collections import Counter
from typing import Any

from convoke_api.invocation import Handler
from convoke_relay.handovers import continue_handovers
from integration.api.client import Client
from integration.changes.races import Runner, jittered
from integration.changes.world import EVENT_BODY, World

ROUNDS = 200


def claims(world: World, subject: str, each: int, at: int) -> dict[str, Any]:
    """A token by which the subject proves the address of this round."""
    address = f"shared-{each}@{world.domain}"
    return {"sub": f"{subject}-{each}", "email": address, "email_verified": "true", "iat": str(at)}


def proofs(world: World, subject: str, at: int) -> Runner:
    """In each round the subject calls with a token that was issued `at`."""

    def make(handler: Handler) -> Any:
        def call(each: int) -> str:
            response = Client(handler, claims(world, subject, each, at)).get("/v1/me")
            assert response.status == 200, response.text
            return str(response.json["id"])

        return call

    return make


def invitations(world: World, organizer: Client) -> Runner:
    """In each round the organizer invites the address; gives the event's id."""

    def make(handler: Handler) -> Any:
        def call(each: int) -> str:
            body = {**EVENT_BODY, "participant_emails": [f"shared-{each}@{world.domain}"]}
            response = Client(handler, organizer.claims).post("/v1/events", body)
            assert response.status == 201, response.text
            return str(response.json["id"])

        return call

    return make


def relay(world: World) -> None:
    """Looks at all addresses that have changed hands, whenever they are due."""
    world.query("UPDATE former_addresses SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL")
    engine = world.make_engine()
    while continue_handovers(engine, remaining_seconds=lambda: 60):
        pass


def participants(world: World, events: list[str]) -> dict[str, list[str]]:
    rows = world.query(
        "SELECT event_id, user_id FROM event_participants WHERE event_id = ANY (CAST(:events AS uuid[]))",
        events=events,
    )
    found: dict[str, list[str]] = {event: [] for event in events}
    for row in rows:
        found[str(row["event_id"])].append(str(row["user_id"]))
    return found


def test_of_two_subjects_at_once_the_later_token_has_the_address_whichever_comes_first(
    own_world: World,
) -> None:
    world = own_world
    rounds = list(range(ROUNDS))

    results = world.race(
        rounds, jittered(proofs(world, "left", 100), 1), jittered(proofs(world, "right", 200), 2)
    )

    holders = world.query("SELECT id, email_key FROM users WHERE email_key IS NOT NULL")
    held = {row["email_key"]: str(row["id"]) for row in holders}
    assert [held[f"shared-{each}@{world.domain}"] for each in rounds] == [right for _, right in results]
    assert len({person for pair in results for person in pair}) == 2 * ROUNDS


def test_three_subjects_an_invitation_and_what_waited_end_with_the_latest_token(own_world: World) -> None:
    world = own_world
    anna = world.person("anna")
    rounds = list(range(ROUNDS))
    # In every other round the address has been invited before; the first subject is there in some.
    waited = [
        world.plan(anna, participant_emails=[f"shared-{each}@{world.domain}"])["id"]
        for each in rounds
        if each % 2
    ]
    for each in rounds[::3]:
        Client(world.handler, claims(world, "first", each, 50)).get("/v1/me")

    results = world.race(
        rounds,
        jittered(proofs(world, "first", 100), 1),
        jittered(proofs(world, "second", 200), 2),
        jittered(proofs(world, "third", 300), 3),
        jittered(invitations(world, anna), 4),
    )
    relay(world)

    invited = [event for *_, event in results]
    found = participants(world, [*waited, *invited])
    assert [found[event] for event in invited] == [[third] for _, _, third, _ in results]
    assert [found[event] for event in waited] == [[third] for _, _, third, _ in results[1::2]]
    for event in (*waited, *invited):
        world.deliver({"id": event})
    relay(world)
    told = Counter(str(row["user_id"]) for row in world.query("SELECT user_id FROM notifications"))
    expected = Counter({third: 1 + each % 2 for each, (_, _, third, _) in enumerate(results)})
    assert told == expected
