"""Set the CORS headers as API Gateway does ("Configuring CORS for HTTP APIs")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PREFIX = "access-control-"


@dataclass(frozen=True, slots=True)
class Cors:
    """The template's `CorsConfiguration`."""

    origins: Sequence[str]
    methods: Sequence[str]
    request_headers: Sequence[str]
    response_headers: Sequence[str]
    max_age_seconds: int


def replace_cors_headers(
    cors: Cors, method: str, request: Mapping[str, str], response: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the headers of a response with the function's CORS headers replaced by the template's.

    None are added for an origin that the template does not list; header names are in lower case.
    """
    kept = [(name, value) for name, value in response if not name.startswith(_PREFIX)]
    origin = request.get("origin")
    if origin is None or origin not in cors.origins:
        return kept
    kept.append((f"{_PREFIX}allow-origin", origin))
    if method == "OPTIONS" and f"{_PREFIX}request-method" in request:
        return [
            *kept,
            (f"{_PREFIX}allow-methods", ",".join(cors.methods)),
            (f"{_PREFIX}allow-headers", ",".join(cors.request_headers)),
            (f"{_PREFIX}max-age", str(cors.max_age_seconds)),
        ]
    return [*kept, (f"{_PREFIX}expose-headers", ",".join(cors.response_headers))]
