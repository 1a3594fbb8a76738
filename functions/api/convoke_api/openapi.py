"""The OpenAPI document: what FastAPI knows of the routes, and the errors and security that it does not."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from convoke_api.schemas.problems import ProblemDetails, ValidationProblemDetails

_DESCRIPTION = """\
Meetings, and the surety that everybody who should hear of them does: each recipient of a committed
change gets exactly one notification.

Every path but `/health` needs a bearer token. Errors are `application/problem+json` (RFC 9457); what the
gateway answers itself (a missing or bad token, a payload over 6 MB) is `{"message": …}`.
"""

_MEANING = {
    400: "The body is not JSON, or could be read in two ways.",
    401: "Nobody is calling: there is no verified token.",
    403: "Only the organiser may do this.",
    404: "There is no such thing, or none that the caller may know of.",
    409: "The state of things does not allow it.",
    412: "The event has changed since the version that If-Match names.",
    415: "The body is not application/json.",
    422: "The request is well-formed but not acceptable.",
    429: "The caller has created too many events; Retry-After says when to go on.",
    503: "The database did not answer in time; Retry-After says when to try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can answer with these errors, besides those that any route can."""
    return {status: _describe(status) for status in sorted({401, 503, *statuses})}


def _describe(status: int) -> dict[str, Any]:
    model = ValidationProblemDetails if status == 422 else ProblemDetails
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"description": _MEANING[status], "content": {"application/problem+json": {"schema": schema}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of `app`, made at the first request for it."""
    if app.openapi_schema is None:
        # Its import is no cost that other requests should bear.
        from fastapi.openapi.utils import get_openapi

        document = get_openapi(
            title="Convoke", version="1", description=_DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
        )
        components = document.setdefault("components", {})
        _, definitions = models_json_schema(
            [(ProblemDetails, "serialization"), (ValidationProblemDetails, "serialization")],
            ref_template="#/components/schemas/{model}",
        )
        components.setdefault("schemas", {}).update(definitions["$defs"])
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        document["security"] = [{"bearer": []}]
        document["paths"]["/health"]["get"]["security"] = []
        app.openapi_schema = document
    return app.openapi_schema
