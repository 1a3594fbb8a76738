"""Computes the notifications that an event's committed operations must have, without reading the outbox.

An acknowledged operation must have happened. An unknown one may have: traces in events and participants show
it, and then all of its notifications are expected, otherwise none.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chaos.ledger import Kind, Operation, Outcome, PlannedEvent
from chaos.snapshots import StoredEvent

_TYPES = {
    Kind.CREATE: "event_invited",
    Kind.INVITE: "event_invited",
    Kind.UPDATE: "event_updated",
    Kind.CANCEL: "event_cancelled",
    Kind.REMOVE: "participant_removed",
    Kind.RESPOND: "participant_responded",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected notification, by everything that distinguishes it for its recipient."""

    recipient: str
    type: str
    tag: str
    actor: str


def has_happened(operation: Operation, event: StoredEvent) -> bool:
    """Return whether an operation has left its trace in the stored event."""
    match operation.kind:
        case Kind.CREATE:
            return True
        case Kind.UPDATE:
            return event.tag == operation.tag
        case Kind.CANCEL:
            return event.status == "cancelled"
        case Kind.INVITE:
            return any(person in event.responses for person in operation.people)
        case Kind.REMOVE:
            return not any(person in event.responses for person in operation.people)
        case Kind.RESPOND:
            return all(event.responses.get(it) == operation.response_status for it in operation.people)


def list_committed(plan: PlannedEvent, event: StoredEvent) -> list[Operation]:
    """Return the operations that took effect, in their order."""
    return [
        operation
        for operation in plan.operations
        if operation.outcome is Outcome.ACKNOWLEDGED
        or (operation.outcome is Outcome.UNKNOWN and has_happened(operation, event))
    ]


def list_lost_effects(plan: PlannedEvent, event: StoredEvent) -> Iterator[Operation]:
    """Yield acknowledged operations without effect; only the last update, as it hides earlier ones."""
    updates = [it for it in plan.operations if it.kind is Kind.UPDATE and it.outcome is not Outcome.REFUSED]
    for operation in plan.operations:
        if operation.outcome is not Outcome.ACKNOWLEDGED or has_happened(operation, event):
            continue
        if operation.kind is Kind.UPDATE and operation is not updates[-1]:
            continue
        removed = {person for it in plan.operations if it.kind is Kind.REMOVE for person in it.people}
        if operation.kind in (Kind.RESPOND, Kind.INVITE) and removed & set(operation.people):
            continue
        yield operation


def list_expected(plan: PlannedEvent, event: StoredEvent) -> Counter[Expected]:
    """Count the expected notifications of the event, reminders excluded: one each."""
    expected: Counter[Expected] = Counter()
    for operation in list_committed(plan, event):
        # A change concurrent with a cancellation came first, or was refused.
        tag = event.tag if operation.kind is Kind.CANCEL else operation.tag
        for recipient in operation.recipients:
            expected[Expected(recipient, _TYPES[operation.kind], tag, operation.actor)] += 1
    return expected
