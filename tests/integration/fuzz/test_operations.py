"""Every operation of the document takes anything, and responds as the document says."""

from typing import Any

from integration.fuzz.schema import find_misled, load_schema
from integration.fuzz.world import World
from schemathesis import Case

SCHEMA = load_schema(max_examples=20)


@SCHEMA.parametrize()
def test_an_operation_responds_as_described(case: Case[Any], world: World) -> None:
    world.aim(case)
    world.make_acceptable(case)
    response = world.send(case)
    case.validate_response(response, excluded_checks=list(find_misled(SCHEMA, case)))
    if response.status_code >= 400:
        world.check_health()
