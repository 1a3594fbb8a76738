"""Tokens and scopes at the gateway."""

import json
from typing import Any

import pytest
from unit.local.gateway_stage import EchoingFunction, send


def test_an_open_route_needs_no_token() -> None:
    function = EchoingFunction()

    assert send(function, "GET", "/health").status_code == 200
    assert "authorizer" not in function.events[0]["requestContext"]


@pytest.mark.parametrize("path", ["/v1/events", "/nowhere", "/health/../v1"])
def test_every_other_path_needs_one(path: str) -> None:
    function = EchoingFunction()

    response = send(function, "GET", path)

    assert response.status_code == 401
    assert response.json() == {"message": "Unauthorized"}
    assert response.headers["www-authenticate"] == "Bearer"
    assert function.events == []


@pytest.mark.parametrize("header", ["Bearer bad", "bad", "Basic Z29vZA==", "Bearer good good"])
def test_a_bad_token_is_refused_with_the_reason(header: str) -> None:
    response = send(EchoingFunction(), "GET", "/v1/me", headers={"authorization": header})

    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})
    assert 'error_description="the token has expired"' in response.headers["www-authenticate"]


@pytest.mark.parametrize("header", ["Bearer good", "bearer good", "good"])
def test_a_good_token_brings_its_claims(header: str) -> None:
    function = EchoingFunction()

    send(function, "GET", "/v1/me", headers={"authorization": header})

    assert function.events[0]["requestContext"]["authorizer"]["jwt"] == {
        "claims": {"sub": "ada", "scope": "openid convoke/api"},
        "scopes": ["openid", "convoke/api"],
    }


@pytest.mark.parametrize(
    "claims", [{"scope": "convoke/api"}, {"scp": "a convoke/api"}, {"scp": ["convoke/api", "a"]}]
)
def test_one_of_the_route_s_scopes_is_enough(claims: dict[str, Any]) -> None:
    bearer = {"authorization": f"Bearer scopes:{json.dumps(claims)}"}

    assert send(EchoingFunction(), "GET", "/v1/me", headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "claims", [{}, {"scope": ""}, {"scope": "convoke"}, {"scope": "convoke/api/x openid"}, {"scp": []}]
)
def test_a_token_without_the_route_s_scope_is_forbidden(claims: dict[str, Any]) -> None:
    function = EchoingFunction()
    bearer = {"authorization": f"Bearer scopes:{json.dumps(claims)}"}

    response = send(function, "GET", "/v1/me", headers=bearer)

    assert (response.status_code, response.json()) == (403, {"message": "Forbidden"})
    assert response.headers["www-authenticate"] == 'Bearer scope="convoke/api" error="insufficient_scope"'
    assert function.events == []


def test_without_a_token_the_length_does_not_matter() -> None:
    assert send(EchoingFunction(), "POST", "/v1/events", content=b"x" * 7_000_000).status_code == 401
