"""If-Match on PATCH and DELETE (RFC 9110, 13.1.1), and two who change one version at once."""

from collections.abc import Callable
from typing import Any

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client, check_problem, version_of
from integration.changes.world import World, kinds

ROUNDS = 150


@pytest.fixture
def event(world: World, anna: Client, boris: Client) -> dict[str, Any]:
    """An event of version 2 that one person has responded to."""
    planned = world.plan(anna, boris)
    path = f"/v1/events/{planned['id']}"
    assert boris.patch(f"{path}/participants/me", {"response_status": "accepted"}).status == 200
    changed = anna.patch(path, {"title": "Второе"})
    assert version_of(changed) == "2"
    event: dict[str, Any] = changed.json
    return event


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    "header",
    [
        '"2.2"',
        "*",
        " * ",
        # The second part is that of the representation: it is no version of the event.
        '"2.1"',
        '"2.99"',
        '"2"',
        '"1.1", "2.2"',
        '"1.1","2.1" , "3.3"',
        'W/"1.1", "2.2"',
    ],
)
def test_a_condition_that_names_the_version_is_met(
    event: dict[str, Any], anna: Client, method: str, header: str
) -> None:
    body = {"title": "Третье"} if method == "PATCH" else None
    response = anna.call(method, f"/v1/events/{event['id']}", body, headers={"if-match": header})
    assert response.status in (200, 204)
    assert version_of(anna.get(f"/v1/events/{event['id']}")) == "3"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    "header",
    [
        '"1.1"',
        '"1.2"',
        '"3.2"',
        '"22.2"',
        '"-2.2"',
        '"02.2"',
        '""',
        "2.2",
        "",
        '"1.1", "3.3"',
        # If-Match compares strongly: a weak tag names no version.
        'W/"2.2"',
        '"1.1", W/"2.2"',
        '"*"',
    ],
)
def test_a_condition_that_names_other_versions_changes_nothing(
    world: World, event: dict[str, Any], anna: Client, boris: Client, method: str, header: str
) -> None:
    body = {"title": "Третье"} if method == "PATCH" else None

    response = anna.call(method, f"/v1/events/{event['id']}", body, headers={"if-match": header})

    check_problem(response, 412)
    assert anna.get(f"/v1/events/{event['id']}").json == event
    world.deliver(event)
    assert kinds(boris) == ["event_invited", "event_updated"]


def test_a_stale_condition_fails_even_when_nothing_would_change(event: dict[str, Any], anna: Client) -> None:
    response = anna.patch(
        f"/v1/events/{event['id']}", {"title": event["title"]}, headers={"if-match": '"1.1"'}
    )
    check_problem(response, 412)


def test_a_stale_condition_reveals_nothing_to_others(
    world: World, event: dict[str, Any], boris: Client
) -> None:
    for someone, status in ((boris, 403), (world.person("stranger"), 404)):
        response = someone.patch(f"/v1/events/{event['id']}", {"title": "x"}, headers={"if-match": '"1.1"'})
        check_problem(response, status)


def test_cancelling_what_is_cancelled_has_succeeded_whatever_the_version(
    event: dict[str, Any], anna: Client
) -> None:
    # RFC 9110, 13.1.1: the change that is asked for has been made already.
    path, stale = f"/v1/events/{event['id']}", {"if-match": '"2.2"'}
    assert [anna.delete(path, headers=stale).status for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("others", ["a second change", "a cancellation"])
def test_of_two_who_change_one_version_exactly_one_wins(
    world: World, anna: Client, boris: Client, others: str
) -> None:
    model = world.plan(anna, boris)
    events = world.copies(model, ROUNDS)

    def change(method: str, title: str) -> Callable[[Handler], Callable[[str], int]]:
        body = {"title": title} if method == "PATCH" else None

        def run(handler: Handler) -> Callable[[str], int]:
            me = Client(handler, anna.claims)
            return lambda event_id: (
                me.call(method, f"/v1/events/{event_id}", body, headers={"if-match": '"1.1"'}).status
            )

        return run

    second = "PATCH" if others == "a second change" else "DELETE"
    results = world.race(events, change("PATCH", "Один"), change(second, "Другой"))

    assert {tuple(sorted(statuses)) for statuses in results} <= {(200, 412), (204, 412)}
    # Both have won some rounds: they did meet.
    assert {statuses.index(412) for statuses in results} == {0, 1}
    rows = world.query(
        """
        SELECT version, count(outbox.id) FILTER (WHERE type <> 'event_invited') AS told
        FROM events LEFT JOIN outbox ON outbox.event_id = events.id
        WHERE events.id = ANY (CAST(:ids AS uuid[])) GROUP BY events.id
        """,
        ids=events,
    )
    assert [(row["version"], row["told"]) for row in rows] == [(2, 1)] * ROUNDS
