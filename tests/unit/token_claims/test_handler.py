"""Access tokens carry what the API reads of a person, and the scope that the gateway wants."""

import json
from pathlib import Path
from typing import Any

import pytest
from convoke_api.web.identity import read_identity
from convoke_token_claims.handler import CLAIMS, SCOPE, handler

EVENT = Path(__file__).parents[3] / "events" / "token_claims.json"


@pytest.fixture
def event() -> Any:
    """The event that Cognito sends for Anna, who signs in by the API and not by the page."""
    return json.loads(EVENT.read_text(encoding="utf-8"))


def changes(event: Any) -> Any:
    return handler(event, None)["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]


def test_the_api_knows_from_the_access_token_who_is_calling(event: Any) -> None:
    claims = changes(event)["claimsToAddOrOverride"]

    identity = read_identity({"requestContext": {"authorizer": {"jwt": {"claims": {**claims, "sub": "1"}}}}})
    assert identity.email == "anna@example.org"
    assert identity.verified_email_key == "anna@example.org"
    assert identity.full_name == "Анна Иванова"
    assert identity.locale is not None
    assert identity.time_zone == "Europe/Moscow"


def test_nothing_but_what_the_api_reads_goes_into_the_token(event: Any) -> None:
    assert set(changes(event)["claimsToAddOrOverride"]) == set(CLAIMS)


def test_what_a_person_has_not_said_is_left_out(event: Any) -> None:
    del event["request"]["userAttributes"]["name"]
    event["request"]["userAttributes"]["locale"] = ""

    claims = changes(event)["claimsToAddOrOverride"]

    assert "name" not in claims
    assert "locale" not in claims


def test_a_token_without_the_scope_gets_it(event: Any) -> None:
    assert changes(event)["scopesToAdd"] == [SCOPE]


def test_a_scope_that_was_granted_is_not_added_again(event: Any) -> None:
    event["request"]["scopes"] = ["openid", SCOPE]

    assert changes(event)["scopesToAdd"] == []


def test_the_rest_of_the_event_goes_back_as_it_came(event: Any) -> None:
    before = json.loads(json.dumps(event))

    response = handler(event, None)

    assert {**response, "response": None} == {**before, "response": None}
