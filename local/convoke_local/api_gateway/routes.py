"""Find the route of a request to the HTTP API (API Gateway, "Working with routes for HTTP APIs")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_ROUTE = "$default"


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the template; `method` and `path` are empty for `$default`.

    A token for an authorized route must have at least one of the `scopes`, where there are any.
    """

    method: str
    path: str
    authorized: bool
    scopes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the `routeKey` of the Lambda event."""
        return f"{self.method} {self.path}" if self.path else DEFAULT_ROUTE


@dataclass(frozen=True, slots=True)
class Match:
    """The route of a request, and the values of its path variables."""

    route: Route
    path_parameters: dict[str, str]


def find_route(routes: Sequence[Route], method: str, path: str) -> Match | None:
    """Return the most specific route: a full match, then one with a greedy variable, then `$default`.

    `path` is percent-decoded. None when there is no route: the gateway itself then responds with 404.
    """
    matches = [match for route in routes if (match := _match(route, method, path)) is not None]
    return min(matches, key=lambda match: _rank(match.route), default=None)


def _match(route: Route, method: str, path: str) -> Match | None:
    if not route.path:
        return Match(route, {})
    if route.method not in ("ANY", method):
        return None
    found = re.fullmatch(_pattern(route.path), path)
    return Match(route, found.groupdict()) if found else None


def _pattern(path: str) -> str:
    parts = re.split(r"\{([^}]+)\}", path)
    # Every second part is the name of a variable; a greedy one, {proxy+}, takes slashes too.
    return "".join(
        re.escape(part)
        if index % 2 == 0
        else f"(?P<{part.rstrip('+')}>{'.+' if part.endswith('+') else '[^/]+'})"
        for index, part in enumerate(parts)
    )


def _rank(route: Route) -> tuple[int, bool]:
    if not route.path:
        return 3, False
    kind = 2 if "+}" in route.path else 1 if "{" in route.path else 0
    return kind, route.method == "ANY"
