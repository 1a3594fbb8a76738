"""Security, line 2: without claims that the authorizer verified nobody is calling, whatever else it says."""

from typing import Any

import pytest
from integration.api.client import Client, check_problem
from integration.changes.world import EVENT_BODY, World
from integration.security.test_object_authorization import BODIES, ROUTES

#: What other authorizers, proxies and callers put where claims are not looked for.
AUTHORIZERS: dict[str, Any] = {
    "none": None,
    "empty": {},
    "no claims": {"jwt": {}},
    "no subject": {"jwt": {"claims": {"email": "anna@example.org", "email_verified": "true"}}},
    "empty subject": {"jwt": {"claims": {"sub": ""}}},
    "a subject that is no text": {"jwt": {"claims": {"sub": {"a": "b"}}}},
    "claims that are none": {"jwt": {"claims": ["sub"]}},
    "REST API": {"claims": {"sub": "anna"}},
    "Lambda authorizer": {"lambda": {"sub": "anna", "claims": {"sub": "anna"}}},
    "function URL with IAM": {"iam": {"userArn": "arn:aws:iam::1:user/anna", "userId": "anna"}},
}

HEADERS = {
    "authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.",
    "x-user-id": "anna",
    "x-user-email": "anna@example.org",
    "x-forwarded-user": "anna",
    "x-amzn-oidc-identity": "anna",
    "x-amzn-oidc-data": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.",
    "cookie": "session=anna",
}


@pytest.mark.parametrize("authorizer", AUTHORIZERS.values(), ids=AUTHORIZERS)
def test_nobody_calls_without_verified_claims(world: World, authorizer: Any) -> None:
    def invoke(event: dict[str, Any], context: Any) -> dict[str, Any]:
        if authorizer is not None:
            event["requestContext"]["authorizer"] = authorizer
        return world.handler(event, context)

    nobody = Client(invoke, None)
    for name, (method, path) in ROUTES.items():
        if name in ("get_health", "head_health"):
            continue
        with world.counted_statements() as statements:
            response = nobody.call(method, path, BODIES.get(name), headers=HEADERS)
        check_problem(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
        # Nobody is looked for, so nobody can be found.
        assert statements == [], name


def test_headers_say_nothing_of_who_is_calling(world: World) -> None:
    boris = world.person("boris")

    for name, value in HEADERS.items():
        assert boris.get("/v1/me", headers={name: value}).json["email"] == boris.email
    event = boris.post("/v1/events", EVENT_BODY, headers=HEADERS).json
    assert event["organizer"]["id"] == boris.id


def test_health_needs_nobody_and_tells_nothing(world: World) -> None:
    with world.counted_statements() as statements:
        response = Client(world.handler, None).get("/health")

    assert (response.status, response.json) == (200, {"status": "ok"})
    assert statements == []
