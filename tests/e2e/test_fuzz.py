"""The document holds for what comes over HTTP too: through the gateway, with tokens, to the running stack."""

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

#: Accepted as it is.
MEETING = {
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
    """The same cases for this file as for the whole suite."""
    with independent_of_the_code():
        yield


class Caller:
    """Somebody new for each case: who is erased does not come back, and nobody has used a key before."""

    def __init__(self, stack: Stack) -> None:
        self.number = next(_numbers)
        self.url = stack.url
        token = make_token(load_key(stack.cli.data_folder), f"fuzz-{self.number}@example.org")
        self.headers = {"authorization": f"Bearer {token}"}
        self.id = self.request("GET", "/v1/me")["id"]

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """A request that succeeds; what it answered."""
        answer = httpx.request(method, self.url + path, headers=self.headers, json=body, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()

    def aim(self, case: Case[Any], stack: Stack) -> None:
        """Let a case ask for a meeting of the caller's own, and an acceptable body make sense."""
        if (
            "event_id" in case.path_parameters
            and case.meta
            and case.meta.generation.mode is GenerationMode.POSITIVE
        ):
            event = self.request("POST", "/v1/events", {**MEETING, "participant_ids": [self.id]})
            things = {"event_id": event["id"], "user_id": self.id}
            case.path_parameters = {name: things[name] for name in case.path_parameters}
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
def test_an_operation_answers_as_described_over_http(case: Case[Any], stack: Stack) -> None:
    caller = Caller(stack)
    caller.aim(case, stack)
    excluded = list(find_misled(SCHEMA, case))
    if "notification_id" in case.path_parameters:
        # Nobody has told the caller anything.
        excluded.append(positive_data_acceptance)

    response = case.call_and_validate(base_url=stack.url, headers=caller.headers, excluded_checks=excluded)

    if (case.path, response.status_code) != ("/v1/me", 204):
        assert caller.request("GET", "/v1/me")["id"] == caller.id


@SCHEMA.exclude(path="/health").parametrize()
@settings(max_examples=2, derandomize=True, database=None)
def test_nothing_is_done_for_a_token_that_is_not_valid(case: Case[Any], stack: Stack) -> None:
    forged = make_token("k" * 64, "fuzz-1@example.org")
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {forged}"}):
        answer = case.call(base_url=stack.url, headers=headers)

        case.validate_response(answer, checks=_DESCRIBED)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
