"""The outcome of each outbox row in a delivery, and the description of a failure for logs and operators."""

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
    #: The row was cancelled: its reminder no longer applies.
    CANCELLED = "cancelled"
    #: The row no longer exists: retention removes rows that were delivered long ago.
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome for one outbox row; for a delivered one also the numbers of recipients.

    `latency_ms` runs from when the row was due, by the database's clock, to the end of the delivery.
    """

    outbox_id: UUID
    outcome: Outcome
    written: int = 0
    muted: int = 0
    latency_ms: float = 0


def is_poison(error: BaseException) -> bool:
    """Return whether no retry helps: this version cannot read the message or the payload."""
    return isinstance(error, (UnreadableMessageError, UnrenderablePayloadError))


def describe_failure(error: BaseException) -> str:
    """Describe a failed delivery for logs and the `failure` column, without values that people typed.

    Messages of errors other than our own may quote such values, so only their kind is named.
    """
    if is_poison(error):
        return str(error)
    state = sqlstate(error)
    if state is not None:
        return f"the database refused the delivery (SQLSTATE {state})"
    return f"the delivery failed ({type(error).__name__})"
