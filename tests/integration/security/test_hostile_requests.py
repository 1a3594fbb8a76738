"""Requests that are made to cost a lot are refused for little: a second and some memory."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from integration.api.client import check_problem
from integration.changes.world import World
from integration.security.equal_hashes import make_postgres_collisions, make_python_collisions
from integration.security.hostile_requests import BODIES, measure

#: Far from what the refusals take (0.9 s, 70 MB), and from what they took: 20 s or 500 MB and more.
_MOST_SECONDS = 10
_MOST_MEGABYTES = 200


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_within_bounds(security_database_url: str, name: str) -> None:
    cost = measure(name, security_database_url)

    assert cost.status in (400, 422)
    assert cost.errors <= 100
    assert cost.seconds < _MOST_SECONDS
    assert cost.peak_mb - cost.plain_peak_mb < _MOST_MEGABYTES


def test_the_collisions_are_collisions(world: World) -> None:
    assert len({hash(it) for it in map(UUID, make_python_collisions(100))}) == 1
    (row,) = world.query(
        "SELECT count(DISTINCT uuid_hash(id)) AS hashes, count(DISTINCT id) AS ids "
        "FROM unnest(CAST(:ids AS uuid[])) AS id",
        ids="{" + ",".join(make_postgres_collisions(100)) + "}",
    )
    assert (row["hashes"], row["ids"]) == (1, 100)


_ROUTES = [("PATCH", ""), ("POST", "/participants"), ("PATCH", "/participants/me")]
_BODIES: list[Any] = [
    {},
    {"title": "New", "participant_ids": [], "response_status": "accepted"},
    {"participant_ids": ["wrong"] * 1_000, "reminder_minutes": ["wrong"] * 5},
    {"unknown": 1, "title": 7, "response_status": 7},
    [],
]


@pytest.mark.parametrize(("method", "suffix"), _ROUTES)
def test_strangers_get_one_response_whatever_the_body_and_the_event(
    world: World, method: str, suffix: str
) -> None:
    anna, stranger = world.person("anna"), world.person("stranger")
    event = world.plan(anna)
    for body in _BODIES:
        for event_id in (event["id"], str(uuid4())):
            response = stranger.call(method, f"/v1/events/{event_id}{suffix}", body)
            assert check_problem(response, 404)["detail"] == "Not found."


@pytest.mark.parametrize(("method", "suffix"), _ROUTES[:2])
def test_participants_are_refused_whatever_the_body(world: World, method: str, suffix: str) -> None:
    anna, boris = world.person("anna"), world.person("boris")
    event = world.plan(anna, boris)
    for body in _BODIES:
        check_problem(boris.call(method, f"/v1/events/{event['id']}{suffix}", body), 403)
