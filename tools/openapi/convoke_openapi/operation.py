"""What an operation's part of the document says besides what its route says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from convoke_openapi.refusals import Refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation, in words and examples.

    The description begins with the docstring of the route; `details` follow it. `bodies` and `answers` are
    examples by name. `refusals` are those besides what all operations of its kind have in common (the
    document adds them). `headers` come with the successful answer, `links` lead on from it: from the name of
    an operation to its parameters as runtime expressions (OpenAPI 3.1, 4.8.20).
    """

    summary: str
    answer: str
    details: str = ""
    bodies: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()
    refusals: Refusals = field(default_factory=dict)
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
