"""Every operation of the document takes anything, and answers as the document says."""

import re
from collections.abc import Iterator
from typing import Any

from integration.fuzz.schema import load_schema
from integration.fuzz.world import World
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import negative_data_rejection, unsupported_method

SCHEMA = load_schema(max_examples=25)


@SCHEMA.parametrize()
def test_an_operation_answers_as_described(case: Case[Any], world: World) -> None:
    world.aim(case)
    response = world.send(case)
    case.validate_response(response, excluded_checks=list(find_misled(case)))
    if response.status_code >= 400:
        world.check_health()


def find_misled(case: Case[Any]) -> Iterator[CheckFunction]:
    """The checks that would blame us for what the document allows."""
    if case.path == "/v1/notifications/read-all" and case.body in (None, {}, NOT_SET):
        # No body, null and {} are all the same there, whatever schemathesis makes of a schema that says so.
        yield negative_data_rejection
    for path, operations in SCHEMA.raw_schema["paths"].items():
        # `read-all` and `me` stand where ids stand too: what they do not take is said of such an id.
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", path)
        if case.method.lower() in operations and re.fullmatch(pattern, case.formatted_path):
            yield unsupported_method
