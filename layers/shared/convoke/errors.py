"""Defines the errors that Convoke itself raises, as one tree.

ConvokeError
├── DomainError                    the request breaks a rule
│   ├── NotAuthenticatedError
│   ├── NotFoundError
│   ├── ForbiddenError
│   ├── ConflictError
│   ├── PreconditionFailedError
│   ├── QuotaExceededError
│   └── UnacceptableError          a value is well-formed but cannot be accepted
├── UnreadableMessageError         a queue message that this version cannot read
├── UnrenderablePayloadError       an outbox payload that this version cannot render
└── DatabaseUnavailableError       no response, or none in time

Messages reach callers and logs: they name places and rules, never the values that people typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ConvokeError(Exception):
    """The root of the tree: catching it catches only errors that Convoke raises on purpose."""


class DomainError(ConvokeError):
    """A request breaks a rule; `detail` is the reason, for the caller."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotAuthenticatedError(DomainError):
    """The caller is unknown: there are no verified claims, or the person was erased."""

    def __init__(self, detail: str = "A valid bearer token is required.") -> None:
        super().__init__(detail)


class NotFoundError(DomainError):
    """The resource does not exist, or is hidden from this caller: the two look the same."""

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(detail)


class ForbiddenError(DomainError):
    """The caller may see the resource but not do this to it."""


class ConflictError(DomainError):
    """The state of the resource does not allow it now."""


class PreconditionFailedError(DomainError):
    """`If-Match` names another version than the current one (RFC 9110, 13.1.1)."""

    def __init__(self, detail: str = "The event has changed since the version in If-Match.") -> None:
        super().__init__(detail)


class QuotaExceededError(DomainError):
    """A quota is used up; there is room again after `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int, detail: str) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a request: its place (RFC 6901 pointer) and a description without the value."""

    pointer: str
    detail: str


class UnacceptableError(DomainError):
    """The request is well-formed and cannot be accepted as it is; `problems` hold the places."""

    def __init__(self, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.problems = tuple(problems)


class UnreadableMessageError(ConvokeError):
    """A queue message whose body this version cannot read: not a message, or an unknown schema."""


class UnrenderablePayloadError(ConvokeError):
    """An outbox payload that this version cannot render."""


class DatabaseUnavailableError(ConvokeError):
    """The database did not respond, or not in time; the statement may or may not have taken effect."""
