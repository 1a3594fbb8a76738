"""Checks the reminders of an event: missing ones, superfluous ones, and ones after a cancellation."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chaos.ledger import Kind, Outcome, PlannedEvent
from chaos.snapshots import OutboxEntry, StoredEvent, StoredNotification

_REMINDER = "event_reminder"


class _Lists(Protocol):
    lost: list[str]
    duplicate: list[str]
    phantom: list[str]


def check_reminders(
    plan: PlannedEvent,
    event: StoredEvent,
    notes: Sequence[StoredNotification],
    outbox: Sequence[OutboxEntry],
    findings: _Lists,
) -> None:
    """Check for one reminder for each participant who has not declined, at each past due time, and no other.

    `outbox`: the event's reminders.
    """
    found = Counter((note.recipient, note.created_at) for note in notes if note.type == _REMINDER)
    findings.duplicate += [
        f"{plan.name}: {recipient} was reminded {count} times"
        for (recipient, _), count in found.items()
        if count > 1
    ]
    _check_withdrawals(plan, event, notes, findings)
    if event.status == "cancelled":
        return
    for row in outbox:
        if row.due_at not in event.due or row.delivered_at is None:
            continue
        for recipient in (event.organizer, *event.responses):
            reminded = found[recipient, row.due_at]
            expected = _is_reminded(event, recipient, row)
            if expected and not reminded:
                findings.lost.append(f"{plan.name}: {recipient} was not reminded")
            if expected is False and reminded:
                findings.phantom.append(f"{plan.name}: {recipient} had declined and was reminded")
    _check_presence(plan, event, outbox, findings)


def _is_reminded(event: StoredEvent, recipient: str, row: OutboxEntry) -> bool | None:
    """Return None if the RSVP came while the reminder was being delivered: then either is correct."""
    if event.responses.get(recipient) != "declined" or row.delivered_at is None:
        return True
    responded_at = event.responded_at[recipient] or 0
    if responded_at < row.due_at.timestamp():
        return False
    return True if responded_at > row.delivered_at.timestamp() else None


def _check_presence(
    plan: PlannedEvent, event: StoredEvent, outbox: Sequence[OutboxEntry], findings: _Lists
) -> None:
    present = {row.due_at for row in outbox}
    moved = any(it.kind is Kind.UPDATE for it in plan.operations)
    for due in event.due:
        # A change writes only the reminders that are due after the change, not after the creation.
        if due > event.created_at and not moved and due not in present:
            findings.lost.append(f"{plan.name}: the reminder due at {due} was never written")


def _check_withdrawals(
    plan: PlannedEvent, event: StoredEvent, notes: Sequence[StoredNotification], findings: _Lists
) -> None:
    cancelled_at = _acknowledged_at(plan, Kind.CANCEL)
    changed_at = _acknowledged_at(plan, Kind.UPDATE)
    for note in notes:
        if note.type != _REMINDER:
            continue
        if cancelled_at and note.written_at > cancelled_at:
            findings.phantom.append(f"{plan.name}: {note.recipient} was reminded after the cancellation")
        if note.created_at not in event.due and changed_at and note.written_at > changed_at:
            findings.phantom.append(f"{plan.name}: {note.recipient} was reminded of a time that had changed")


def _acknowledged_at(plan: PlannedEvent, kind: Kind) -> datetime | None:
    """Return the time of the response to the last acknowledged operation of a kind."""
    times = [
        it.settled_at
        for it in plan.operations
        if it.kind is kind and it.outcome is Outcome.ACKNOWLEDGED and it.settled_at
    ]
    return max(times, default=None)
