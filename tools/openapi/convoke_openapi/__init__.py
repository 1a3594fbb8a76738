"""The OpenAPI document of the HTTP contract: what FastAPI knows of the routes, and what only we know.

The package costs nothing until somebody asks for the document: all of it but this module loads then.
`python -m convoke_openapi` prints it.
"""

from typing import Any

from fastapi import FastAPI


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of `app`, made at the first request for it."""
    if app.openapi_schema is None:
        from convoke_openapi.document import make_document

        app.openapi_schema = make_document(app.routes)
    return app.openapi_schema
