"""The gateway's own answers, and what reaches the function. Over ASGI, without a socket."""

import asyncio
import json
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import httpx
import pytest
from convoke_local.api_gateway.cors import Cors
from convoke_local.api_gateway.gateway import Gateway
from convoke_local.api_gateway.routes import Route
from convoke_local.api_gateway.tokens import InvalidTokenError
from convoke_local.lambda_.functions import (
    FunctionCrashedError,
    FunctionError,
    FunctionTimeoutError,
    InvocationError,
    ThrottledError,
)

ROUTES = [
    Route("GET", "/health", authorized=False),
    Route("OPTIONS", "/{proxy+}", authorized=False),
    Route("", "", authorized=True, scopes=("convoke/api",)),
]
PAGE = "https://calendar.example"
CORS = Cors([PAGE], ["GET", "PUT"], ["authorization", "if-match"], ["etag"], 600)
BEARER = {"authorization": "Bearer good"}


def accept_good_tokens(token: str) -> Mapping[str, Any]:
    if token == "good":
        return {"sub": "ada", "scope": "openid convoke/api"}
    if token.startswith("scopes:"):
        return {"sub": "ada", **json.loads(token.removeprefix("scopes:"))}
    raise InvalidTokenError("the token has expired")


class EchoingFunction:
    """Answers each event with itself, and keeps it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: str) -> str:
        self.events.append(json.loads(event))
        return json.dumps({"statusCode": 200, "body": event})


def ask(
    invoke: Callable[[str], str], method: str, path: str, *, timeout_seconds: float = 30, **options: Any
) -> httpx.Response:
    gateway = Gateway(
        ROUTES, accept_good_tokens, invoke, concurrency=2, timeout_seconds=timeout_seconds, cors=CORS
    )

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(gateway)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def test_an_open_route_needs_no_token() -> None:
    function = EchoingFunction()

    assert ask(function, "GET", "/health").status_code == 200
    assert "authorizer" not in function.events[0]["requestContext"]


@pytest.mark.parametrize("path", ["/v1/events", "/nowhere", "/health/../v1"])
def test_every_other_path_needs_one(path: str) -> None:
    function = EchoingFunction()

    answer = ask(function, "GET", path)

    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthorized"}
    assert answer.headers["www-authenticate"] == "Bearer"
    assert function.events == []


@pytest.mark.parametrize("header", ["Bearer bad", "bad", "Basic Z29vZA==", "Bearer good good"])
def test_a_bad_token_is_refused_with_the_reason(header: str) -> None:
    answer = ask(EchoingFunction(), "GET", "/v1/me", headers={"authorization": header})

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert 'error_description="the token has expired"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("header", ["Bearer good", "bearer good", "good"])
def test_a_good_token_brings_its_claims(header: str) -> None:
    function = EchoingFunction()

    ask(function, "GET", "/v1/me", headers={"authorization": header})

    assert function.events[0]["requestContext"]["authorizer"]["jwt"] == {
        "claims": {"sub": "ada", "scope": "openid convoke/api"},
        "scopes": ["openid", "convoke/api"],
    }


@pytest.mark.parametrize(
    "claims", [{"scope": "convoke/api"}, {"scp": "a convoke/api"}, {"scp": ["convoke/api", "a"]}]
)
def test_one_of_the_route_s_scopes_is_enough(claims: dict[str, Any]) -> None:
    bearer = {"authorization": f"Bearer scopes:{json.dumps(claims)}"}

    assert ask(EchoingFunction(), "GET", "/v1/me", headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "claims", [{}, {"scope": ""}, {"scope": "convoke"}, {"scope": "convoke/api/x openid"}, {"scp": []}]
)
def test_a_token_without_the_route_s_scope_is_forbidden(claims: dict[str, Any]) -> None:
    function = EchoingFunction()
    bearer = {"authorization": f"Bearer scopes:{json.dumps(claims)}"}

    answer = ask(function, "GET", "/v1/me", headers=bearer)

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert answer.headers["www-authenticate"] == 'Bearer scope="convoke/api" error="insufficient_scope"'
    assert function.events == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PURGE", "OPTIONS"])
def test_unknown_paths_and_methods_reach_the_function(method: str) -> None:
    function = EchoingFunction()

    assert ask(function, method, "/nowhere", headers=BEARER).status_code == 200
    assert function.events[0]["requestContext"]["http"]["method"] == method


def test_the_path_arrives_decoded_and_the_query_raw() -> None:
    function = EchoingFunction()

    ask(function, "GET", "/a%2Fb%20c?x=%20", headers=BEARER)

    assert (function.events[0]["rawPath"], function.events[0]["rawQueryString"]) == ("/a/b c", "x=%20")


def test_the_body_arrives() -> None:
    function = EchoingFunction()

    ask(function, "POST", "/v1/events", headers=BEARER, json={"title": "ж"})

    assert json.loads(function.events[0]["body"]) == {"title": "ж"}


@pytest.mark.parametrize(
    ("kind", "largest_body"),
    [
        # The event has some 900 bytes around the body; base64 adds a third.
        pytest.param("application/json", 6_290_000, id="text"),
        pytest.param("application/octet-stream", 4_717_000, id="base64"),
    ],
)
def test_the_whole_event_may_have_six_megabytes(kind: str, largest_body: int) -> None:
    function = EchoingFunction()
    headers = {**BEARER, "content-type": kind}

    assert (
        ask(function, "POST", "/v1/events", headers=headers, content=b"x" * largest_body).status_code == 200
    )
    answer = ask(function, "POST", "/v1/events", headers=headers, content=b"x" * (largest_body + 2_000))

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})
    assert len(function.events) == 1


def test_a_body_far_over_the_limit_is_refused_all_the_same() -> None:
    answer = ask(EchoingFunction(), "POST", "/v1/events", headers=BEARER, content=b"x" * 20_000_000)

    assert answer.status_code == 413


def test_without_a_token_the_length_does_not_matter() -> None:
    assert ask(EchoingFunction(), "POST", "/v1/events", content=b"x" * 7_000_000).status_code == 401


def test_headers_over_ten_kilobytes_are_refused() -> None:
    answer = ask(EchoingFunction(), "GET", "/v1/me", headers={**BEARER, "x-long": "x" * 10_240})

    assert answer.status_code == 431


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (FunctionError("boom"), 500, "Internal Server Error"),
        (FunctionCrashedError("gone"), 500, "Internal Server Error"),
        (FunctionTimeoutError("late"), 503, "Service Unavailable"),
        (ThrottledError("busy"), 503, "Service Unavailable"),
    ],
)
def test_a_failed_invocation_is_told_in_the_words_of_aws(
    error: InvocationError, status: int, message: str
) -> None:
    def fail(_event: str) -> str:
        raise error

    answer = ask(fail, "GET", "/health")

    assert (answer.status_code, answer.json()) == (status, {"message": message})


def test_a_malformed_answer_of_the_function_is_a_500() -> None:
    assert ask(lambda _event: '{"statusCode": "fine"}', "GET", "/health").status_code == 500


def test_the_integration_timeout_is_a_503_though_the_function_goes_on() -> None:
    finish = Event()

    def be_slow(_event: str) -> str:
        finish.wait(30)
        return "{}"

    try:
        answer = ask(be_slow, "GET", "/health", timeout_seconds=0.05)
    finally:
        finish.set()

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_a_client_that_leaves_in_the_middle_of_its_body_calls_nothing() -> None:
    function = EchoingFunction()
    gateway = Gateway(ROUTES, accept_good_tokens, function, concurrency=1)
    incoming = [
        {"type": "http.request", "body": b'{"title"', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"authorization", b"Bearer good")],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(gateway(scope, receive, send))

    assert function.events == []
    assert sent == []


def cors_headers(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def test_a_page_of_a_listed_origin_may_read_answers_and_refusals() -> None:
    expected = {"access-control-allow-origin": PAGE, "access-control-expose-headers": "etag"}

    for status, headers in ((200, BEARER), (401, {})):
        answer = ask(EchoingFunction(), "GET", "/v1/me", headers={**headers, "origin": PAGE})

        assert (answer.status_code, cors_headers(answer)) == (status, expected)


def test_a_preflight_is_told_what_the_page_may_send() -> None:
    asked = {"origin": PAGE, "access-control-request-method": "PUT"}

    answer = ask(EchoingFunction(), "OPTIONS", "/v1/me/preferences", headers=asked)

    assert cors_headers(answer) == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "authorization,if-match",
        "access-control-max-age": "600",
    }


@pytest.mark.parametrize("origin", [None, "https://other.example", f"{PAGE}.example", "null", "*", ""])
def test_other_pages_are_told_nothing_whatever_the_function_says(origin: str | None) -> None:
    def allow_everybody(_event: str) -> str:
        return json.dumps({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}, "body": ""})

    headers = {**BEARER, **({} if origin is None else {"origin": origin})}
    answer = ask(allow_everybody, "GET", "/v1/me", headers=headers)

    assert (answer.status_code, cors_headers(answer)) == (200, {})


@pytest.mark.parametrize("host", ["convoke.example", "[::1]", "a:b:c", "", "127.0.0.1:443"])
def test_the_port_is_that_of_the_gateway_whatever_the_request_says(host: str) -> None:
    function = EchoingFunction()

    ask(function, "GET", "/health", headers={"host": host, "x-forwarded-port": "1", "x-forwarded-proto": "x"})

    sent = function.events[0]["headers"]
    assert (sent["x-forwarded-port"], sent["x-forwarded-proto"]) == ("8000", "http")
