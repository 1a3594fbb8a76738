"""Defines the texts and examples that the document adds to an operation's route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from convoke_openapi.error_examples import ErrorExamples


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The texts and examples of one operation.

    The description is the docstring of the route followed by `details`; `response` describes the successful
    response. Examples are by name. `errors` are those of this operation; the document adds the errors that
    all operations of its kind have in common. `headers` are those of the successful response. `links` lead on
    from it: they map the name of an operation to its parameters as runtime expressions (OpenAPI 3.1, 4.8.20).
    """

    summary: str
    response: str
    details: str = ""
    request_examples: Mapping[str, Any] = field(default_factory=dict)
    response_examples: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()
    errors: ErrorExamples = field(default_factory=dict)
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
