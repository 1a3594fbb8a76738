"""Which notifications a meeting's committed operations owe, and to whom. Nothing here asks the outbox.

What was acknowledged has to have happened. What is unknown may have: its traces in events and participants
say so, and then it owes all of its notifications, else none.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chaos.ledger import Kind, Meeting, Operation, Outcome
from chaos.snapshots import StoredEvent

_TYPES = {
    Kind.CREATE: "event_invited",
    Kind.INVITE: "event_invited",
    Kind.UPDATE: "event_updated",
    Kind.CANCEL: "event_cancelled",
    Kind.REMOVE: "participant_removed",
    Kind.ANSWER: "participant_responded",
}


@dataclass(frozen=True, slots=True)
class Owed:
    """One notification, by everything that a reader could tell it by."""

    reader: str
    type: str
    tag: str
    actor: str


def has_happened(operation: Operation, event: StoredEvent) -> bool:
    """Whether an operation has left its trace in the event as it is stored."""
    match operation.kind:
        case Kind.CREATE:
            return True
        case Kind.UPDATE:
            return event.tag == operation.tag
        case Kind.CANCEL:
            return event.status == "cancelled"
        case Kind.INVITE:
            return any(person in event.answers for person in operation.people)
        case Kind.REMOVE:
            return not any(person in event.answers for person in operation.people)
        case Kind.ANSWER:
            return all(event.answers.get(it) == operation.response_status for it in operation.people)


def list_committed(meeting: Meeting, event: StoredEvent) -> list[Operation]:
    """The operations that took effect, in their order."""
    return [
        operation
        for operation in meeting.operations
        if operation.outcome is Outcome.ACKNOWLEDGED
        or (operation.outcome is Outcome.UNKNOWN and has_happened(operation, event))
    ]


def list_lost_effects(meeting: Meeting, event: StoredEvent) -> Iterator[Operation]:
    """Acknowledged operations whose effect is not there: the last of its kind, where others hide earlier."""
    updates = [
        it for it in meeting.operations if it.kind is Kind.UPDATE and it.outcome is not Outcome.REFUSED
    ]
    for operation in meeting.operations:
        if operation.outcome is not Outcome.ACKNOWLEDGED or has_happened(operation, event):
            continue
        if operation.kind is Kind.UPDATE and operation is not updates[-1]:
            continue
        removed = {person for it in meeting.operations if it.kind is Kind.REMOVE for person in it.people}
        if operation.kind in (Kind.ANSWER, Kind.INVITE) and removed & set(operation.people):
            continue
        yield operation


def list_owed(meeting: Meeting, event: StoredEvent) -> Counter[Owed]:
    """What people are owed for the meeting, reminders apart, and how often: once each."""
    owed: Counter[Owed] = Counter()
    for operation in list_committed(meeting, event):
        # A change beside a cancellation came first, or was refused.
        tag = event.tag if operation.kind is Kind.CANCEL else operation.tag
        for reader in operation.told:
            owed[Owed(reader, _TYPES[operation.kind], tag, operation.actor)] += 1
    return owed
