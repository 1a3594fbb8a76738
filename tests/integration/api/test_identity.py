"""The caller's identity comes from the verified claims, and from nothing else."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client, Query, check_problem

HEADERS_OF_IDENTITY = {
    "authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.",
    "x-user-id": "anna",
    "x-forwarded-user": "anna",
    "x-amzn-oidc-identity": "anna",
    "x-amzn-requestcontext": '{"authorizer": {"jwt": {"claims": {"sub": "anna"}}}}',
    "x-apigateway-event": '{"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "anna"}}}}}',
}


def test_without_claims_every_path_but_health_is_refused_with_401(anna: Client) -> None:
    nobody = Client(anna.handler, None)
    described = anna.get("/v1/openapi.json").json["paths"]
    some_id = "00000000-0000-0000-0000-000000000001"

    for path, methods in described.items():
        for method in methods:
            target = re.sub(r"\{\w+\}", some_id, path)
            response = nobody.call(method.upper(), target, headers=HEADERS_OF_IDENTITY)
            if path == "/health":
                assert response.status == 200
            else:
                check_problem(response, 401)
                assert response.headers["www-authenticate"] == "Bearer"
    assert {"/v1/events", "/v1/events/{event_id}", "/v1/me", "/v1/openapi.json"} < set(described)


@pytest.mark.parametrize(
    "authorizer",
    [
        None,
        {},
        [],
        {"jwt": None},
        {"jwt": {}},
        {"jwt": {"claims": None}},
        {"jwt": {"claims": {}}},
        {"jwt": {"claims": []}},
        {"jwt": {"claims": "sub"}},
        {"jwt": {"claims": {"email": "anna@example.org", "email_verified": "true"}}},
        {"jwt": {"claims": {"sub": ""}}},
        {"jwt": {"claims": {"sub": None}}},
        {"jwt": {"claims": {"sub": 7}}},
        {"jwt": {"claims": {"sub": ["anna"]}}},
        {"claims": {"sub": "anna"}},
        {"lambda": {"sub": "anna", "claims": {"sub": "anna"}}},
        {"iam": {"userId": "anna", "cognitoIdentity": {"sub": "anna"}}},
    ],
    ids=str,
)
def test_what_is_not_the_jwt_authorizers_word_is_no_identity(handler: Handler, authorizer: object) -> None:
    def invoke_directly(event: dict[str, Any], context: object) -> dict[str, Any]:
        event["requestContext"]["authorizer"] = authorizer
        return handler(event, context)

    check_problem(Client(invoke_directly, None).get("/v1/me"), 401)


def test_identity_headers_change_nobody(person: Callable[..., Client]) -> None:
    anna, boris = person("anna"), person("boris")
    headers = {name: value.replace("anna", anna.email) for name, value in HEADERS_OF_IDENTITY.items()}

    me = boris.get("/v1/me", headers={**headers, "x-user-id": anna.id}).json

    assert (me["id"], me["email"]) == (boris.id, boris.email)


def test_the_first_call_makes_the_user_and_the_next_ones_find_them(
    person: Callable[..., Client], query: Query
) -> None:
    anna = person("anna", locale="en-GB", zoneinfo="Europe/London")

    first, second = anna.get("/v1/me"), anna.get("/v1/me")

    assert (
        first.json
        == second.json
        == {
            "id": first.json["id"],
            "email": anna.email,
            "full_name": "Anna",
            "locale": "en-GB",
            "time_zone": "Europe/London",
        }
    )
    assert len(query("SELECT 1 FROM users WHERE email = :email", email=anna.email)) == 1


def test_nothing_of_the_subject_is_kept(person: Callable[..., Client], query: Query) -> None:
    anna = person("anna", sub="auth0|5f7c8ec7c33c6c004bbafe82")
    anna.get("/v1/me")

    (row,) = query("SELECT * FROM users WHERE id = :id", id=anna.id)

    assert "5f7c8ec7c33c6c004bbafe82" not in json.dumps(dict(row), default=str)


@pytest.mark.parametrize("sub", ["ы" * 100_000, "a\x00b", "\ud800", "a\nb", "'; DROP TABLE users; --", " "])
def test_any_text_can_be_a_subject(person: Callable[..., Client], sub: str) -> None:
    one, other = person("one", sub=sub), person("other", sub=sub + "x")

    assert one.id == one.id
    assert one.id != other.id


@pytest.mark.parametrize(
    ("claim", "shown_as", "default"),
    [("name", "full_name", None), ("locale", "locale", "ru"), ("zoneinfo", "time_zone", "UTC")],
)
@pytest.mark.parametrize(
    "value",
    ["", "a\x00b", "\ud800", "x\ufffe", "a\x1b[31m", "ы" * 100_000, 7, True, None, ["ru"], {"a": "b"}],
    ids=lambda value: ascii(value)[:20],
)
def test_a_claim_that_cannot_be_kept_is_as_good_as_none(
    person: Callable[..., Client], claim: str, shown_as: str, default: str | None, value: object
) -> None:
    response = person("anna", **{claim: value}).get("/v1/me")

    assert response.status == 200
    assert response.json[shown_as] == default


@pytest.mark.parametrize(
    ("claim", "value"),
    [("locale", "русский"), ("locale", "x" * 9), ("zoneinfo", "Mars/Base"), ("zoneinfo", "")],
)
def test_an_unknown_language_or_zone_is_as_good_as_none(
    person: Callable[..., Client], claim: str, value: str
) -> None:
    me = person("anna", **{claim: value}).get("/v1/me").json

    assert (me["locale"], me["time_zone"]) == ("ru", "UTC")


@pytest.mark.parametrize(
    "email",
    ["", "anna", "@", "anna@", "a@b@c", "a b@example.org", f"{'a' * 250}@example.org", "a\x00@b.org", 7],
)
def test_an_address_that_is_none_is_not_kept(person: Callable[..., Client], email: object) -> None:
    response = person("anna", email=email, sub=f"anna-{email!r}").get("/v1/me")

    assert (response.status, response.json["email"]) == (200, None)
