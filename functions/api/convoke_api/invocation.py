"""From API Gateway to the application and back: Mangum, and what each invocation leaves behind."""

from collections.abc import Callable
from typing import Any

from convoke.observability import flush_metrics
from mangum import Mangum

from convoke_api.app import create_app
from convoke_api.services import Services

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def make_handler(services: Services) -> Handler:
    """The Lambda handler over the given services; takes HTTP API events (payload format 2.0)."""
    # The lifespan would run at each invocation. What is listed goes out as text, anything else as Base64.
    invoke = Mangum(
        create_app(services),
        lifespan="off",
        text_mime_types=["text/", "application/json", "application/problem+json"],
    )

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            return invoke(event, context)
        finally:
            flush_metrics(services.metrics)

    return handle
