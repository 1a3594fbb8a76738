"""Records the producers' operations and their known outcomes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """An outcome as the caller knows it, as in Jepsen's histories: ok, fail, info."""

    #: The response was a success.
    ACKNOWLEDGED = "acknowledged"
    #: No response, or one that leaves the effect open; the caller gave up retrying.
    UNKNOWN = "unknown"
    #: The response was an error that means: without effect.
    REFUSED = "refused"


class Kind(StrEnum):
    """A kind of operation."""

    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"
    INVITE = "invite"
    REMOVE = "remove"
    RESPOND = "respond"


@dataclass
class Operation:
    """One operation on an event.

    `tag` is the mark in the event's title after it; `recipients` are the addresses of the people who must get
    a notification if it commits.
    """

    kind: Kind
    actor: str
    tag: str
    recipients: tuple[str, ...] = ()
    #: The people whom an invitation, removal or RSVP is about.
    people: tuple[str, ...] = ()
    response_status: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    #: By this machine's clock, which is the database's too.
    settled_at: datetime | None = None

    def settle(self, outcome: Outcome) -> None:
        """Record the outcome, which the caller has learned or given up on."""
        self.outcome = outcome
        self.settled_at = datetime.now(UTC)


@dataclass
class PlannedEvent:
    """An event as its producer knows it; `name` is unique in a run and begins each of its tags.

    Its operations follow one another, except for a change concurrent with a cancellation, and none follows
    one with an unknown outcome: so the effect of each can be read from the state after it.
    """

    name: str
    organizer: str
    event_id: str = ""
    participants: list[str] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    tag: str = ""
    etag: str = ""
    reminded: bool = False

    def begin(self, operation: Operation) -> Operation:
        """Record an operation before it is attempted."""
        self.operations.append(operation)
        return operation

    @property
    def is_settled(self) -> bool:
        """Return whether another operation may follow."""
        return all(operation.outcome is not Outcome.UNKNOWN for operation in self.operations)


@dataclass
class Ledger:
    """All events of a run, and the responses that break the contract."""

    events: list[PlannedEvent] = field(default_factory=list)
    #: Responses that break the HTTP contract under any fault.
    surprises: list[str] = field(default_factory=list)
