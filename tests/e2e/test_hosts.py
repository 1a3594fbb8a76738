"""The stack accepts requests under any host name and port."""

import http.client
import socket
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest
from e2e.conftest import Cli, Stack


def send(stack: Stack, method: str, path: str, *lines: str) -> http.client.HTTPResponse:
    """Send a request with only these header lines over a socket; return the response, read to its end."""
    url = httpx.URL(stack.url)
    with closing(socket.create_connection((url.host, url.port or 80), timeout=30)) as connection:
        connection.sendall("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode())
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        response.read()
        return response


@pytest.mark.parametrize(
    "host",
    [
        "convoke.example",
        "convoke.example:443",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[::1]:8000",
        "a:b:c",
        "a/b?c#d",
        "[",
        ":",
        "",
        "a" * 8_000,
    ],
)
@pytest.mark.parametrize("path", ["/health", "/v1/me"])
def test_a_host_of_any_kind_gets_a_response(stack: Stack, host: str, path: str) -> None:
    token = stack.cli.token_of("ada")

    response = send(
        stack, "GET", path, f"Host: {host}", f"Authorization: Bearer {token}", "Connection: close"
    )

    assert response.status == 200


@pytest.mark.parametrize("name", ["X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-For"])
@pytest.mark.parametrize("value", ["443,80", "", "convoke.example", "::1", "9" * 5_000])
def test_what_a_proxy_adds_is_no_reason_to_fail(stack: Stack, name: str, value: str) -> None:
    assert httpx.get(f"{stack.url}/health", headers={name: value}).status_code == 200


def test_http_1_1_without_a_host_is_a_bad_request(stack: Stack) -> None:
    # RFC 9112, 3.2: the server must respond with 400.
    assert send(stack, "GET", "/health").status == 400


def test_monitors_probe_with_head(stack: Stack) -> None:
    health, body = httpx.head(f"{stack.url}/health"), httpx.get(f"{stack.url}/health")

    assert (health.status_code, health.content) == (200, b"")
    assert health.headers["content-type"] == body.headers["content-type"]
    assert health.headers["content-length"] == body.headers["content-length"]


def test_head_of_another_path_gets_the_methods_of_the_path(stack: Stack) -> None:
    assert httpx.head(f"{stack.url}/v1/me").status_code == 401

    response = stack.request("ada", "HEAD", "/v1/me")

    assert (response.status_code, response.content) == (405, b"")
    assert response.headers["allow"] == "DELETE, GET, PATCH"


def test_a_page_under_development_may_call_it(stack: Stack) -> None:
    page = "http://localhost:3000"
    headers = {"origin": page, "access-control-request-method": "PATCH"}

    preflight = httpx.options(f"{stack.url}/v1/me", headers=headers)
    response = stack.request("ada", "GET", "/v1/me", headers={"origin": page})

    assert preflight.status_code == 204
    assert "PATCH" in preflight.headers["access-control-allow-methods"].split(",")
    assert "authorization" in preflight.headers["access-control-allow-headers"].split(",")
    assert response.headers["access-control-allow-origin"] == page
    assert "etag" in response.headers["access-control-expose-headers"].split(",")


def may_take(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.mark.skipif(not may_take(80), reason="port 80 is taken, or for root alone")
def test_it_starts_at_the_port_that_clients_leave_out(
    make_cli: Callable[..., Cli], start: Callable[..., Stack]
) -> None:
    stack = start(using=make_cli(CONVOKE_PORT="80"))

    assert httpx.get("http://127.0.0.1/health").json() == {"status": "ok"}
    assert stack.url == "http://127.0.0.1:80"
