"""Security, line 3: for each route and role, what is not the caller's is the same as what is not there."""

from itertools import count
from typing import Any

import pytest
from convoke_api.app import list_routes
from fastapi.routing import APIRoute
from integration.api.client import Client, Response
from integration.changes.world import EVENT_BODY, World
from integration.security.scene import ROLES, SECRET, Scene, set_scene

_numbers = count(1)

ROUTES = {
    str(route.operation_id): (method, route.path)
    for route in list_routes()
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}

#: By role, in the order of ROLES: organizer, participant, removed, stranger, erased, nobody.
EXPECTED = {
    "get_event": (200, 200, 404, 404, 401, 401),
    "get_event_calendar": (200, 200, 404, 404, 401, 401),
    "update_event": (200, 403, 404, 404, 401, 401),
    "cancel_event": (204, 403, 404, 404, 401, 401),
    "list_deliveries": (200, 403, 404, 404, 401, 401),
    "list_participants": (200, 200, 404, 404, 401, 401),
    "add_participants": (200, 403, 404, 404, 401, 401),
    "remove_participant": (204, 403, 404, 404, 401, 401),
    # The organizer does not take part.
    "answer_invitation": (404, 200, 404, 404, 401, 401),
    "leave_event": (404, 204, 404, 404, 401, 401),
    "update_notification": (404, 200, 404, 404, 401, 401),
    "delete_notification": (404, 204, 404, 404, 401, 401),
    # Each caller's own data.
    "create_event": (201, 201, 201, 201, 401, 401),
    "list_events": (200, 200, 200, 200, 401, 401),
    "list_notifications": (200, 200, 200, 200, 401, 401),
    "count_unread_notifications": (200, 200, 200, 200, 401, 401),
    "read_all_notifications": (200, 200, 200, 200, 401, 401),
    "get_me": (200, 200, 200, 200, 401, 401),
    "update_me": (200, 200, 200, 200, 401, 401),
    "erase_me": (204, 204, 204, 204, 401, 401),
    "get_preferences": (200, 200, 200, 200, 401, 401),
    "replace_preferences": (200, 200, 200, 200, 401, 401),
    "list_blocks": (200, 200, 200, 200, 401, 401),
    # The id is the participant's.
    "block_person": (204, 422, 204, 204, 401, 401),
    "unblock_person": (204, 204, 204, 204, 401, 401),
    # It holds nobody's data, and makes no query.
    "get_openapi": (200, 200, 200, 200, 200, 401),
    "get_health": (200, 200, 200, 200, 200, 200),
    "head_health": (200, 200, 200, 200, 200, 200),
}

BODIES: dict[str, Any] = {
    "create_event": EVENT_BODY,
    "update_event": {"title": "Another title"},
    "add_participants": {"participant_emails": ["somebody@example.org"]},
    "answer_invitation": {"response_status": "accepted"},
    "read_all_notifications": {},
    "update_notification": {"read": True},
    "update_me": {"time_zone": "UTC"},
    "replace_preferences": {},
}

#: What somebody was notified of before they were removed stays theirs to read.
MAY_KNOW = {("list_notifications", "removed")}


def test_every_route_is_in_the_matrix() -> None:
    assert set(EXPECTED) == set(ROUTES)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_role_may_do_what_is_its_own_and_nothing_else(world: World, name: str) -> None:
    method, _ = ROUTES[name]
    scene = set_scene(world, next(_numbers))
    for role, status in zip(ROLES, EXPECTED[name], strict=True):
        before = read_state(world, scene)
        response = call(scene, scene.people[role], name)

        assert response.status == status, (role, response.text)
        if role not in ("organizer", "participant") and (name, role) not in MAY_KNOW:
            check_tells_nothing(response, scene)
        if status >= 400:
            assert read_state(world, scene) == before, role
        if status in (401, 404):
            missing = call(scene, scene.people[role], name, missing=True)
            assert comparable(response) == comparable(missing), role
        if status < 400 and method not in ("GET", "HEAD"):
            scene = set_scene(world, next(_numbers))


def call(scene: Scene, person: Client, name: str, *, missing: bool = False) -> Response:
    method, path = ROUTES[name]
    return person.call(method, scene.fill(path, missing=missing), BODIES.get(name))


def comparable(response: Response) -> tuple[int, dict[str, str], str]:
    """All of a response but for the name of its request."""
    headers = {name: value for name, value in response.headers.items() if name != "x-correlation-id"}
    return response.status, headers, response.text


def check_tells_nothing(response: Response, scene: Scene) -> None:
    told = response.text + str(response.headers)
    for secret in (SECRET, scene.event_id, scene.notification_id, scene.participant_id):
        assert secret not in told


def read_state(world: World, scene: Scene) -> list[Any]:
    """The event and all that hangs on it, as the database has it."""
    return [
        world.query(f"SELECT * FROM {table} WHERE {column} = :id ORDER BY {order}", id=scene.event_id)
        for table, column, order in (
            ("events", "id", "id"),
            ("event_participants", "event_id", "user_id"),
            ("outbox", "event_id", "id"),
            ("notifications", "event_id", "user_id, id"),
        )
    ]
