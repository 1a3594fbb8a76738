"""What became of one message, and what a person who looks at a failed one gets to read."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from convoke.database.sqlstates import sqlstate
from convoke.errors import UnreadableMessageError, UnrenderablePayloadError


class Outcome(StrEnum):
    """How the delivery of an outbox row ended. All of them acknowledge the message."""

    DELIVERED = "delivered"
    #: The row had been delivered before: SQS delivers at least once.
    DUPLICATE = "duplicate"
    #: The row is not due yet; the relay sends it when it is.
    EARLY = "early"
    #: The fact no longer holds.
    CANCELLED = "cancelled"
    #: The row is gone: retention removes what was delivered long ago.
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome for one outbox row, and for a delivered one what was written.

    `latency_ms` runs from when the row was due, by the database's clock, to the end of the delivery.
    """

    outbox_id: UUID
    outcome: Outcome
    written: int = 0
    muted: int = 0
    latency_ms: float = 0


def is_poison(error: BaseException) -> bool:
    """Whether no repetition helps: this version cannot read the message or the payload."""
    return isinstance(error, (UnreadableMessageError, UnrenderablePayloadError))


def describe_failure(error: BaseException) -> str:
    """Why a delivery failed, for logs and the `failure` column: never a value that somebody typed.

    Other errors than our own may quote what they choked on, so only their kind is told.
    """
    if is_poison(error):
        return str(error)
    state = sqlstate(error)
    if state is not None:
        return f"the database refused the delivery (SQLSTATE {state})"
    return f"the delivery failed ({type(error).__name__})"
