"""Requests, limits and errors of the gateway, and the Lambda events it makes."""

import asyncio
import json
from threading import Event
from typing import Any

import pytest
from convoke_local.api_gateway.gateway import Gateway
from convoke_local.lambda_.functions import (
    FunctionCrashedError,
    FunctionError,
    FunctionTimeoutError,
    InvocationError,
    ThrottledError,
)
from unit.local.gateway_stage import BEARER, ROUTES, EchoingFunction, accept_good_tokens, send


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PURGE", "OPTIONS"])
def test_unknown_paths_and_methods_reach_the_function(method: str) -> None:
    function = EchoingFunction()

    assert send(function, method, "/nowhere", headers=BEARER).status_code == 200
    assert function.events[0]["requestContext"]["http"]["method"] == method


def test_the_path_arrives_decoded_and_the_query_raw() -> None:
    function = EchoingFunction()

    send(function, "GET", "/a%2Fb%20c?x=%20", headers=BEARER)

    assert (function.events[0]["rawPath"], function.events[0]["rawQueryString"]) == ("/a/b c", "x=%20")


def test_the_body_arrives() -> None:
    function = EchoingFunction()

    send(function, "POST", "/v1/events", headers=BEARER, json={"title": "ж"})

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
        send(function, "POST", "/v1/events", headers=headers, content=b"x" * largest_body).status_code == 200
    )
    response = send(function, "POST", "/v1/events", headers=headers, content=b"x" * (largest_body + 2_000))

    assert (response.status_code, response.json()) == (413, {"message": "Request Entity Too Large"})
    assert len(function.events) == 1


def test_a_body_far_over_the_limit_is_refused_all_the_same() -> None:
    response = send(EchoingFunction(), "POST", "/v1/events", headers=BEARER, content=b"x" * 20_000_000)

    assert response.status_code == 413


def test_headers_over_ten_kilobytes_are_refused() -> None:
    response = send(EchoingFunction(), "GET", "/v1/me", headers={**BEARER, "x-long": "x" * 10_240})

    assert response.status_code == 431


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (FunctionError("boom"), 500, "Internal Server Error"),
        (FunctionCrashedError("gone"), 500, "Internal Server Error"),
        (FunctionTimeoutError("late"), 503, "Service Unavailable"),
        (ThrottledError("busy"), 503, "Service Unavailable"),
    ],
)
def test_a_failed_invocation_is_the_response_of_aws(
    error: InvocationError, status: int, message: str
) -> None:
    def fail(_event: str) -> str:
        raise error

    response = send(fail, "GET", "/health")

    assert (response.status_code, response.json()) == (status, {"message": message})


def test_a_malformed_result_of_the_function_is_a_500() -> None:
    assert send(lambda _event: '{"statusCode": "fine"}', "GET", "/health").status_code == 500


def test_the_integration_timeout_is_a_503_though_the_function_goes_on() -> None:
    finish = Event()

    def be_slow(_event: str) -> str:
        finish.wait(30)
        return "{}"

    try:
        response = send(be_slow, "GET", "/health", timeout_seconds=0.05)
    finally:
        finish.set()

    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})


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


@pytest.mark.parametrize("host", ["convoke.example", "[::1]", "a:b:c", "", "127.0.0.1:443"])
def test_the_port_is_that_of_the_gateway_whatever_the_request_says(host: str) -> None:
    function = EchoingFunction()

    send(
        function, "GET", "/health", headers={"host": host, "x-forwarded-port": "1", "x-forwarded-proto": "x"}
    )

    sent = function.events[0]["headers"]
    assert (sent["x-forwarded-port"], sent["x-forwarded-proto"]) == ("8000", "http")
