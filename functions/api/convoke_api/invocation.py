"""Makes the Lambda handler: Mangum between API Gateway and the application, and metrics per invocation."""

from collections.abc import Callable, Mapping
from typing import Any

from convoke.observability import flush_metrics
from mangum import Mangum

from convoke_api.app import create_app
from convoke_api.services import Services

#: Mangum reads scheme, server and port from these headers and fails on values it cannot parse; Starlette
#: builds a URL from them. Nothing here depends on where a request was sent, so their values are replaced.
_SERVER = {"host": "convoke", "x-forwarded-port": "443", "x-forwarded-proto": "https"}

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def make_handler(services: Services) -> Handler:
    """Make the Lambda handler that uses the given services; takes HTTP API events (payload format 2.0)."""
    # The lifespan would run at each invocation. The listed types are sent as text, all others as Base64.
    invoke = Mangum(
        create_app(services),
        lifespan="off",
        text_mime_types=["text/", "application/json", "application/problem+json"],
    )

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            return invoke({**event, "headers": _replace_server(event.get("headers"))}, context)
        finally:
            flush_metrics(services.metrics)

    return handle


def _replace_server(headers: Mapping[str, str] | None) -> dict[str, str]:
    sent = headers or {}
    return {name: value for name, value in sent.items() if name.lower() not in _SERVER} | _SERVER
