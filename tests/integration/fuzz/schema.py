"""The document as schemathesis takes it, stricter than it is published: responses hold nothing unnamed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import schemathesis
from convoke_api.app import list_routes
from convoke_openapi.document import make_document
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, unsupported_method
from support.openapi import close_schemas

#: The same cases each time, on each machine.
SEED = 20270301

#: OPTIONS gets a response everywhere: a browser sends it as a preflight (docs/decisions/0011).
_UNEXPECTED_METHODS = ["get", "put", "post", "delete", "patch", "trace", "query"]

_INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 12, 31, 23, 59, 59)).map(  # noqa: DTZ001 - made aware
    lambda it: it.replace(tzinfo=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
)
_ZONES = st.sampled_from(sorted(resources.files("tzdata").joinpath("zones").read_text("ascii").split()))
schemathesis.openapi.format("date-time", _INSTANTS)
schemathesis.openapi.format("time-zone", _ZONES)


def load_schema(*, max_examples: int, coverage: bool = True) -> BaseSchema:
    """The schema of the application's document, with checks that have no exception.

    `coverage`: besides so many cases that are drawn, there are those of every boundary in the schema.
    """
    document = close_schemas(make_document(list_routes()))
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            # Nor does schemathesis read literals out of the code.
            "analysis": {"constants": {"enabled": False}},
            "generation": {
                "deterministic": True,
                "database": "none",
                "max-examples": max_examples,
                # Five minutes of a smaller example are five minutes of nobody knowing.
                "no-shrink": True,
                # Whether a token is valid is the gateway's question; here everybody has a good one.
                "with-security-parameters": False,
            },
            "phases": {
                "coverage": {"enabled": coverage, "unexpected-methods": _UNEXPECTED_METHODS},
            },
            "checks": {
                "ignored_auth": {"enabled": False},
                "positive_data_acceptance": {"expected-statuses": ["2xx", "304"]},
            },
        }
    )
    return schemathesis.openapi.from_dict(document, config=config)


def find_misled(schema: BaseSchema, case: Case[Any]) -> Iterator[CheckFunction]:
    """The checks that would blame us for what the document allows."""
    if case.path == "/v1/notifications/read-all" and case.body in (None, {}, NOT_SET):
        # No body, null and {} are all the same there. Schemathesis takes null for no valid body of anything.
        yield negative_data_rejection
    for path, operations in schema.raw_schema["paths"].items():
        # `read-all` and `me` stand where ids stand too: what they do not take is said of such an id.
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", path)
        if case.method.lower() in operations and re.fullmatch(pattern, case.formatted_path):
            yield unsupported_method
