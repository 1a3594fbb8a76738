"""Paths that are not there, methods that a path does not have, and what needs no database."""

import pytest
from integration.api.client import Client, check_problem
from integration.api.rejections import check_rejected

ID = "00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/events/",
        "/v1//events",
        "/V1/events",
        "/v1/events/%2e%2e/me",
        f"/v1/events/{ID}/participants/",
        f"/v1/events/{ID}/secrets",
        "/v1/me/",
        "/v2/events",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/health/",
        "/SECRET-7f3a",
        "/%00",
        "/%ff%fe",
        "/" + "a" * 8_000,
    ],
    ids=lambda path: path[:24],
)
def test_an_unknown_path_is_not_found(anna: Client, path: str) -> None:
    response = anna.get(path)

    assert response.status == 404
    check_rejected(anna, anna, response, path)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/health", {"GET", "HEAD"}),
        ("/v1/openapi.json", {"GET"}),
        ("/v1/events", {"GET", "POST"}),
        (f"/v1/events/{ID}", {"GET", "PATCH", "DELETE"}),
        (f"/v1/events/{ID}/participants", {"GET", "POST"}),
        (f"/v1/events/{ID}/deliveries", {"GET"}),
        ("/v1/notifications", {"GET"}),
        ("/v1/notifications/read-all", {"POST"}),
        (f"/v1/notifications/{ID}", {"PATCH", "DELETE"}),
        ("/v1/me", {"GET", "PATCH", "DELETE"}),
        ("/v1/me/preferences", {"GET", "PUT"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(anna: Client, path: str, methods: set[str]) -> None:
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - methods:
        response = anna.call(method, path)
        if path == "/v1/notifications/read-all" and method in ("PATCH", "DELETE"):
            # There the last part of the path could be an id, and is none.
            check_problem(response, 404)
            continue
        check_problem(response, 405)
        allowed = {it.strip() for it in response.headers["allow"].split(",")}
        assert allowed >= methods
        assert method not in allowed


def test_health_needs_nobody_and_says_nothing_else(anna: Client) -> None:
    response = Client(anna.handler, None).get("/health")

    assert (response.status, response.json) == (200, {"status": "ok"})
    assert response.headers["content-type"] == "application/json"
