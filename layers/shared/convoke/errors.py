"""Every error that Convoke itself raises, as one tree.

ConvokeError
├── DomainError                    the caller asked for something that the rules refuse
│   ├── NotAuthenticatedError
│   ├── NotFoundError
│   ├── ForbiddenError
│   ├── ConflictError
│   ├── PreconditionFailedError
│   ├── QuotaExceededError
│   └── UnacceptableError          a value is well-formed but cannot be accepted
├── UnreadableMessageError         a queue message that this version cannot read
├── UnrenderablePayloadError       an outbox payload that this version cannot put into words
└── DatabaseUnavailableError       no answer, or none in time

Messages reach callers and logs: they name places and rules, never the values that people typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ConvokeError(Exception):
    """The root: catching it catches nothing that Convoke did not raise on purpose."""


class DomainError(ConvokeError):
    """A request that the rules refuse; `detail` says why, for the caller to read."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotAuthenticatedError(DomainError):
    """Nobody is calling: there are no verified claims, or the person was erased."""

    def __init__(self, detail: str = "A valid bearer token is required.") -> None:
        super().__init__(detail)


class NotFoundError(DomainError):
    """There is no such thing, or none that this caller may know of: the two look the same."""

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(detail)


class ForbiddenError(DomainError):
    """The caller may see the thing but not do this to it."""


class ConflictError(DomainError):
    """The state of the thing does not allow it now."""


class PreconditionFailedError(DomainError):
    """`If-Match` names another version than the current one (RFC 9110, 13.1.1)."""

    def __init__(self, detail: str = "The event has changed since the version in If-Match.") -> None:
        super().__init__(detail)


class QuotaExceededError(DomainError):
    """A quota has no room; `retry_after_seconds` says when there is room again."""

    def __init__(
        self, retry_after_seconds: int, detail: str = "Too many events created; try again later."
    ) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request: where (RFC 6901 pointer), and what. Never the value."""

    pointer: str
    detail: str


class UnacceptableError(DomainError):
    """The request is well-formed and cannot be accepted as it is; `problems` say where."""

    def __init__(self, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.problems = tuple(problems)


class UnreadableMessageError(ConvokeError):
    """A queue message whose body this version cannot read: garbage, or a schema it does not know."""


class UnrenderablePayloadError(ConvokeError):
    """An outbox payload that this version cannot put into words."""


class DatabaseUnavailableError(ConvokeError):
    """The database did not answer, or not in time; what was asked may or may not have happened."""
