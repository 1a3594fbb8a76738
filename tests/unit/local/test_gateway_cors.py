"""CORS headers of the gateway's responses."""

import json

import httpx
import pytest
from unit.local.gateway_stage import BEARER, PAGE, EchoingFunction, send


def cors_headers(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


def test_a_page_of_a_listed_origin_may_read_responses_and_refusals() -> None:
    expected = {"access-control-allow-origin": PAGE, "access-control-expose-headers": "etag"}

    for status, headers in ((200, BEARER), (401, {})):
        response = send(EchoingFunction(), "GET", "/v1/me", headers={**headers, "origin": PAGE})

        assert (response.status_code, cors_headers(response)) == (status, expected)


def test_a_preflight_gets_the_methods_and_headers_of_the_template() -> None:
    headers = {"origin": PAGE, "access-control-request-method": "PUT"}

    response = send(EchoingFunction(), "OPTIONS", "/v1/me/preferences", headers=headers)

    assert cors_headers(response) == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "authorization,if-match",
        "access-control-max-age": "600",
    }


@pytest.mark.parametrize("origin", [None, "https://other.example", f"{PAGE}.example", "null", "*", ""])
def test_other_pages_get_no_cors_headers_even_from_the_function(origin: str | None) -> None:
    def allow_everybody(_event: str) -> str:
        return json.dumps({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}, "body": ""})

    headers = {**BEARER, **({} if origin is None else {"origin": origin})}
    response = send(allow_everybody, "GET", "/v1/me", headers=headers)

    assert (response.status_code, cors_headers(response)) == (200, {})
