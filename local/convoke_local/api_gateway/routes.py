"""Which route of the HTTP API a request takes (API Gateway, "Working with routes for HTTP APIs")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_ROUTE = "$default"


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the template; `method` and `path` are empty for `$default`.

    A token of an authorized route has one of the `scopes` at least, where there are any.
    """

    method: str
    path: str
    authorized: bool
    scopes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """As in the event's `routeKey`."""
        return f"{self.method} {self.path}" if self.path else DEFAULT_ROUTE


@dataclass(frozen=True, slots=True)
class Match:
    """The route that a request takes, and what its path variables hold."""

    route: Route
    path_parameters: dict[str, str]


def find_route(routes: Sequence[Route], method: str, path: str) -> Match | None:
    """The most specific route: a full match, then one with a greedy variable, then `$default`.

    `path` is percent-decoded. None when there is no route: the gateway itself then answers 404.
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
