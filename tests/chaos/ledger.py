"""What the producers have attempted, and what they know of its outcome."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What the caller knows, as in Jepsen's histories: ok, fail, info."""

    #: A success was answered.
    ACKNOWLEDGED = "acknowledged"
    #: No answer, or one that says nothing about the effect; the caller gave up asking.
    UNKNOWN = "unknown"
    #: An error was answered that means: without effect.
    REFUSED = "refused"


class Kind(StrEnum):
    """What is done to a meeting."""

    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"
    INVITE = "invite"
    REMOVE = "remove"
    ANSWER = "answer"


@dataclass
class Operation:
    """One thing done to a meeting.

    `tag` is the mark in the meeting's title after it; `told` are the addresses of those who are owed a
    notification when it commits.
    """

    kind: Kind
    actor: str
    tag: str
    told: tuple[str, ...] = ()
    #: Whom an invitation, removal or answer is about.
    people: tuple[str, ...] = ()
    response_status: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    #: By the clock of this machine, which is the database's too.
    answered_at: datetime | None = None

    def settle(self, outcome: Outcome) -> None:
        """The caller has learned, or given up learning, what became of it."""
        self.outcome = outcome
        self.answered_at = datetime.now(UTC)


@dataclass
class Meeting:
    """A meeting as its producer knows it; `name` is unique in a run and begins each of its tags.

    Its operations follow one another, save for a change beside a cancellation, and none follows one whose
    outcome is unknown: so each one's effect can be read from the state that it left.
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
        """Write an operation down before it is attempted."""
        self.operations.append(operation)
        return operation

    @property
    def is_settled(self) -> bool:
        """Whether more may be done to it."""
        return all(operation.outcome is not Outcome.UNKNOWN for operation in self.operations)


@dataclass
class Ledger:
    """All meetings of a run, and what no answer should ever have been."""

    meetings: list[Meeting] = field(default_factory=list)
    #: Answers that break the HTTP contract whatever goes wrong behind it.
    surprises: list[str] = field(default_factory=list)
