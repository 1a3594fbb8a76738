"""Security, line 5: nobody sets what is not theirs to set, by whatever name it goes."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from convoke_api.app import list_routes
from convoke_migrator.models import metadata
from convoke_openapi.document import make_document
from integration.api.client import pointers
from integration.changes.world import World
from integration.security.scene import set_scene
from integration.security.test_object_authorization import BODIES, ROUTES, call, read_state
from support.openapi import list_operations

DOCUMENT = make_document(list_routes())
SCHEMAS = DOCUMENT["components"]["schemas"]
_numbers = count(1)

#: Whatever any response shows or any table holds.
NAMES = sorted(
    {name for schema in SCHEMAS.values() for name in schema.get("properties", ())}
    | {column.name for table in metadata.tables.values() for column in table.columns}
)


def list_bodies() -> Iterator[tuple[str, set[str]]]:
    """The operations that take a body, each with the fields that are the caller's to set."""
    for _, operation in list_operations(DOCUMENT):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            reference = schema.get("$ref") or schema["anyOf"][0]["$ref"]
            yield operation["operationId"], set(SCHEMAS[reference.rpartition("/")[2]]["properties"])


@pytest.mark.parametrize(("name", "own"), list(list_bodies()))
def test_no_field_can_be_set_but_those_that_a_request_names(world: World, name: str, own: set[str]) -> None:
    scene = set_scene(world, next(_numbers))
    person = scene.people["participant" if "notification" in name or "answer" in name else "organizer"]
    path = scene.fill(ROUTES[name][1])
    before = read_state(world, scene), person.get("/v1/me").json
    others = [field for field in NAMES if field not in own]
    assert len(others) > 40

    for field in others:
        response = person.call(ROUTES[name][0], path, {**(BODIES.get(name) or {}), field: person.id})
        assert pointers(response) == [f"/{field}"]

    assert (read_state(world, scene), person.get("/v1/me").json) == before
    assert call(scene, person, name).status < 300


def test_a_query_sets_nothing(world: World) -> None:
    scene = set_scene(world, next(_numbers))
    organizer = scene.people["organizer"]
    path = f"/v1/events/{scene.event_id}"
    before = organizer.get(path).json

    query = "?status=cancelled&organizer_id=00000000-0000-0000-0000-000000000001&version=99&sequence=99"
    changed = organizer.patch(path + query, {"title": "Another title"}).json

    expected: dict[str, Any] = {**before, "title": "Another title", "version": 2, "sequence": 1}
    assert {**changed, "updated_at": None} == {**expected, "updated_at": None}
