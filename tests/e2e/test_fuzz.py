"""Hold responses of the running stack, over HTTP with tokens, to the OpenAPI document."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from convoke_local.api_gateway.tokens import load_key, make_token
from e2e.conftest import Stack
from hypothesis import settings
from integration.fuzz.aiming import make_sensible
from integration.fuzz.schema import find_misled, load_schema
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.generation import independent_of_the_code

SCHEMA = load_schema(max_examples=6, coverage=False)

#: A body that is accepted unchanged.
EVENT = {
    "title": "Планёрка",
    "starts_at": "2030-03-01T10:00:00+03:00",
    "ends_at": "2030-03-01T10:30:00+03:00",
    "reminder_minutes": [],
}

_DESCRIBED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_numbers = count(1)


@pytest.fixture(scope="module", autouse=True)
def same_data() -> Iterator[None]:
    """Make the same cases for this file as for the whole suite."""
    with independent_of_the_code():
        yield


class Caller:
    """A new user for each case: an erased one cannot come back, and each key must be unused."""

    def __init__(self, stack: Stack) -> None:
        self.number = next(_numbers)
        self.url = stack.url
        token = make_token(load_key(stack.cli.data_folder), f"fuzz-{self.number}@example.org")
        self.headers = {"authorization": f"Bearer {token}"}
        self.id = self.request("GET", "/v1/me")["id"]

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that succeeds; return its response."""
        response = httpx.request(method, self.url + path, headers=self.headers, json=body, timeout=60)
        assert response.is_success, response.text
        return response.json()

    def aim(self, case: Case[Any], stack: Stack) -> None:
        """Put an event of the caller into the path of a case, and consistent values into its body."""
        if (
            "event_id" in case.path_parameters
            and case.meta
            and case.meta.generation.mode is GenerationMode.POSITIVE
        ):
            event = self.request("POST", "/v1/events", {**EVENT, "participant_ids": [self.id]})
            own_ids = {"event_id": event["id"], "user_id": self.id}
            case.path_parameters = {name: own_ids[name] for name in case.path_parameters}
        if (
            case.path == "/v1/me/blocks/{user_id}"
            and case.meta
            and case.meta.generation.mode is GenerationMode.POSITIVE
        ):
            # Only another known person can be blocked.
            case.path_parameters = {"user_id": Caller(stack).id}
        if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
            case.body = make_sensible(case.body, known_id=self.id, number=self.number)
            case.headers.pop("If-Match", None)
            case.query.pop("cursor", None)


@SCHEMA.parametrize()
def test_an_operation_responds_as_described_over_http(case: Case[Any], stack: Stack) -> None:
    caller = Caller(stack)
    caller.aim(case, stack)
    excluded = list(find_misled(SCHEMA, case))
    if "notification_id" in case.path_parameters:
        # The caller has no notification.
        excluded.append(positive_data_acceptance)

    response = case.call_and_validate(base_url=stack.url, headers=caller.headers, excluded_checks=excluded)

    if (case.path, response.status_code) != ("/v1/me", 204):
        assert caller.request("GET", "/v1/me")["id"] == caller.id


@SCHEMA.exclude(path="/health").parametrize()
@settings(max_examples=2, derandomize=True, database=None)
def test_nothing_is_done_for_a_token_that_is_not_valid(case: Case[Any], stack: Stack) -> None:
    forged = make_token("k" * 64, "fuzz-1@example.org")
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {forged}"}):
        response = case.call(base_url=stack.url, headers=headers)

        case.validate_response(response, checks=_DESCRIBED)
        assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})
