"""The route of a request."""

import pytest
from convoke_local.api_gateway.routes import Route, find_route

ROUTES = [
    Route("", "", authorized=True),
    Route("OPTIONS", "/{proxy+}", authorized=False),
    Route("GET", "/health", authorized=False),
    Route("ANY", "/files/{name}", authorized=True),
    Route("GET", "/files/{name}", authorized=True),
]


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/health", "GET /health"),
        ("POST", "/health", "$default"),
        ("HEAD", "/health", "$default"),
        ("GET", "/health/", "$default"),
        ("GET", "/healthy", "$default"),
        ("GET", "/nowhere", "$default"),
        ("OPTIONS", "/v1/events", "OPTIONS /{proxy+}"),
        ("GET", "/files/a", "GET /files/{name}"),
        ("PUT", "/files/a", "ANY /files/{name}"),
        ("PUT", "/files/a/b", "$default"),
    ],
)
def test_the_most_specific_route_is_taken(method: str, path: str, key: str) -> None:
    match = find_route(ROUTES, method, path)

    assert match is not None
    assert match.route.key == key


def test_path_variables_hold_what_they_matched() -> None:
    greedy = find_route(ROUTES, "OPTIONS", "/v1/events")
    plain = find_route(ROUTES, "GET", "/files/a b")

    assert greedy is not None
    assert greedy.path_parameters == {"proxy": "v1/events"}
    assert plain is not None
    assert plain.path_parameters == {"name": "a b"}


def test_without_a_default_route_there_may_be_none() -> None:
    assert find_route(ROUTES[1:], "GET", "/nowhere") is None
