"""Headers in which a request names the server: those of the gateway count, and the request's do not.

Mangum makes a number of `X-Forwarded-Port`, splits `Host` at its colons and takes `X-Forwarded-Proto` for the
scheme; Starlette puts `Host` into the request's URL, and idempotency keys are kept per path.
"""

from collections.abc import Callable

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client, from_now

HOSTS = [
    "convoke.example",
    "convoke.example:443",
    "convoke.example:",
    ":443",
    "",
    "[::1]",
    "[::1]:8000",
    "[",
    "a:b:c",
    "127.0.0.1:99999999999999999999",
    "a/b?c#d",
    "user@a",
    "convoke.example,other.example",
    "пример.рф",
    "a" * 8_000,
]
PORTS = ["443,80", "", " ", "convoke.example", "::1", "-1", "4 4 3", "0x50", "1e9", "٤٤٣", "9" * 5_000]
SCHEMES = ["", "https,http", "javascript", "HTTPS", "http://", "ж", "h" * 8_000]
ADDRESSES = ["", "unknown", "::1", "a, b, , c", "'", "9" * 8_000]
ODD = [
    *(("host", value) for value in HOSTS),
    *(("x-forwarded-port", value) for value in PORTS),
    *(("x-forwarded-proto", value) for value in SCHEMES),
    *(("x-forwarded-for", value) for value in ADDRESSES),
    *(("forwarded", value) for value in ('for="[', "host=a;proto=b;for=c", "")),
]


@pytest.mark.parametrize(("name", "value"), ODD)
@pytest.mark.parametrize("spelling", [str.lower, str.title])
def test_no_value_of_such_a_header_matters(
    handler: Handler, name: str, value: str, spelling: Callable[[str], str]
) -> None:
    response = Client(handler, None).get("/health", headers={spelling(name): value})

    assert (response.status, response.json) == (200, {"status": "ok"})


def test_a_request_without_any_header_is_answered(handler: Handler) -> None:
    context = {"http": {"method": "GET", "path": "/health", "sourceIp": "192.0.2.1"}}
    event = {"version": "2.0", "rawPath": "/health", "requestContext": context, "isBase64Encoded": False}

    assert handler(event, None)["statusCode"] == 200
    assert handler({**event, "headers": None}, None)["statusCode"] == 200


def test_a_host_does_not_make_another_request_of_a_repeated_one(anna: Client) -> None:
    # `Host: a?` would turn the path into a query, and the key of one path into that of another.
    body = {"title": "Planning", "starts_at": from_now(days=1), "ends_at": from_now(days=1, hours=1)}
    first = anna.post("/v1/events", body, headers={"idempotency-key": "one"})

    again = anna.post("/v1/events", body, headers={"idempotency-key": "one", "host": "a?"})

    assert (first.status, again.status) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json["id"] == first.json["id"]
