"""Define a function of the local stack, and the errors of an invocation.

InvocationError
├── FunctionError               the handler raised, or its result cannot be sent
├── FunctionTimeoutError        it ran longer than its timeout and was killed
├── FunctionCrashedError        its process ended
└── ThrottledError              all environments were busy for too long
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the dotted path of its handler, its limits, and its environment variables."""

    name: str
    handler: str
    timeout_seconds: float
    memory_mb: int = 512
    variables: Mapping[str, str] = field(default_factory=dict)


class InvocationError(Exception):
    """An invocation has no result. `kind` is the error type in Lambda's words."""

    def __init__(self, message: str, *, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind or type(self).__name__


class FunctionError(InvocationError):
    """The handler raised, or its result cannot be sent."""


class FunctionTimeoutError(InvocationError):
    """The function ran longer than its timeout and was killed."""


class FunctionCrashedError(InvocationError):
    """The function's process ended during the invocation, or before it could take one."""


class ThrottledError(InvocationError):
    """All environments were busy for too long."""
