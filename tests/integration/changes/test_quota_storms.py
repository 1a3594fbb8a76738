"""All acts at once, by 16 writers under small quotas: no error of ours, and no more than the quotas."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client
from integration.changes.test_quotas import WRITERS, limit
from integration.changes.world import EVENT_BODY, World

ROUNDS = 12
WAVES, NOTIFICATIONS, CREATIONS = 25, 60, 10

#: What each person has caused, by the outbox.
CAUSED = """
SELECT payload ->> 'actor_id' AS actor, count(DISTINCT (event_id, type, created_at)) AS waves
FROM outbox
WHERE event_id IN (SELECT id FROM events WHERE organizer_id = ANY (CAST(:people AS uuid[])))
  AND type NOT IN ('event_reminder', 'event_cancelled')
GROUP BY 1
"""


def stir(people: list[Client], events: list[str], seed: int, domain: str) -> Callable[[Handler], Any]:
    """Calls drawn from the seed, by any of the people on any of the events."""

    def make(handler: Handler) -> Callable[[Any], int]:
        chance = random.Random(seed)
        callers = [Client(handler, person.claims) for person in people]
        ids = [person.id for person in people]

        def call(_round: Any) -> int:
            caller, path, other = (
                chance.choice(callers),
                f"/v1/events/{chance.choice(events)}",
                chance.choice(ids),
            )
            emails = sorted(
                {f"new-{chance.randrange(40)}@{domain}" for _ in range(3)}, key=lambda _: chance.random()
            )
            response = {"response_status": chance.choice(["accepted", "declined", "tentative"])}
            acts: list[Callable[[], Any]] = [
                lambda: caller.post("/v1/events", {**EVENT_BODY, "participant_emails": emails}),
                lambda: caller.post("/v1/events", {**EVENT_BODY, "participant_ids": [other]}),
                lambda: caller.patch(path, {"title": f"Title {chance.random()}"}),
                lambda: caller.post(f"{path}/participants", {"participant_emails": emails}),
                lambda: caller.post(f"{path}/participants", {"participant_ids": [other]}),
                lambda: caller.patch(f"{path}/participants/me", response),
                lambda: caller.delete(f"{path}/participants/me"),
                lambda: caller.delete(f"{path}/participants/{other}"),
                lambda: caller.call("PUT", f"/v1/me/blocks/{other}"),
                lambda: caller.delete(f"/v1/me/blocks/{other}"),
                lambda: caller.post("/v1/notifications/read-all"),
            ]
            return int(chance.choice(acts)().status)

        return call

    return make


@pytest.mark.parametrize("seed", range(2))
def test_whatever_meets_no_quota_is_exceeded_and_nothing_fails(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    people = [world.person(f"person-{number}") for number in range(4)]
    limit(
        world,
        monkeypatch,
        wave_quota=WAVES,
        notification_quota=NOTIFICATIONS,
        create_quota=CREATIONS,
        create_quota_seconds=600,
    )
    events = [world.plan(organizer, *people)["id"] for organizer in people for _ in range(2)]
    worker = world.make_worker()

    def deliver(_round: Any) -> int:
        rows = world.query(
            "SELECT id FROM outbox WHERE event_id = ANY (CAST(:events AS uuid[])) AND delivered_at IS NULL",
            events=events,
        )
        return len(worker([row["id"] for row in rows[:10]])) if rows else 0

    results = world.race(
        range(ROUNDS),
        *(stir(people, events, 1_000 * seed + number, world.domain) for number in range(WRITERS)),
        lambda _handler: deliver,
    )

    # A deadlock's victim would have been run once more, and logged.
    assert [record for record in caplog.records if "once more" in record.getMessage()] == []
    found = {status for *statuses, _ in results for status in statuses}
    assert {failed for *_, failed in results} == {0}
    assert found <= {200, 201, 204, 403, 404, 409, 422, 429}
    assert found >= {200, 201, 429}
    ids = [person.id for person in people]
    used = {
        str(row["user_id"]): row
        for row in world.query(
            "SELECT * FROM quota_usage WHERE user_id = ANY (CAST(:ids AS uuid[]))", ids=ids
        )
    }
    for row in world.query(CAUSED, people=ids):
        assert row["waves"] == used[row["actor"]]["waves"] <= WAVES
        assert used[row["actor"]]["notifications"] <= NOTIFICATIONS
    created = world.query(
        "SELECT count(*) AS n FROM events WHERE organizer_id = ANY (CAST(:ids AS uuid[]))"
        " GROUP BY organizer_id",
        ids=ids,
    )
    assert max(row["n"] for row in created) <= CREATIONS
