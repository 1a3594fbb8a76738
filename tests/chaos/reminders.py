"""Who had to be reminded of a meeting, who must not have been, and when it was too late."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chaos.ledger import Kind, Meeting, Outcome
from chaos.snapshots import OutboxEntry, StoredEvent, StoredNotification

_REMINDER = "event_reminder"


class _Lists(Protocol):
    lost: list[str]
    duplicate: list[str]
    phantom: list[str]


def check_reminders(
    meeting: Meeting,
    event: StoredEvent,
    notes: Sequence[StoredNotification],
    outbox: Sequence[OutboxEntry],
    findings: _Lists,
) -> None:
    """One for each person who takes part and has not declined, at each due time that has come; none else.

    `outbox`: the event's reminders.
    """
    found = Counter((note.reader, note.created_at) for note in notes if note.type == _REMINDER)
    findings.duplicate += [
        f"{meeting.name}: {reader} was reminded {count} times"
        for (reader, _), count in found.items()
        if count > 1
    ]
    _check_withdrawals(meeting, event, notes, findings)
    if event.status == "cancelled":
        return
    for row in outbox:
        if row.due_at not in event.due or row.delivered_at is None:
            continue
        for reader in (event.organizer, *event.answers):
            told = found[reader, row.due_at]
            expected = _is_reminded(event, reader, row)
            if expected and not told:
                findings.lost.append(f"{meeting.name}: {reader} was not reminded")
            if expected is False and told:
                findings.phantom.append(f"{meeting.name}: {reader} had declined and was reminded")
    _check_presence(meeting, event, outbox, findings)


def _is_reminded(event: StoredEvent, reader: str, row: OutboxEntry) -> bool | None:
    """None: the answer came while the reminder was on its way, and either is right."""
    if event.answers.get(reader) != "declined" or row.delivered_at is None:
        return True
    answered_at = event.answered_at[reader] or 0
    if answered_at < row.due_at.timestamp():
        return False
    return True if answered_at > row.delivered_at.timestamp() else None


def _check_presence(
    meeting: Meeting, event: StoredEvent, outbox: Sequence[OutboxEntry], findings: _Lists
) -> None:
    present = {row.due_at for row in outbox}
    moved = any(it.kind is Kind.UPDATE for it in meeting.operations)
    for due in event.due:
        # The reminders of a change are written when they lie ahead of the change, not of the creation.
        if due > event.created_at and not moved and due not in present:
            findings.lost.append(f"{meeting.name}: the reminder due at {due} was never written")


def _check_withdrawals(
    meeting: Meeting, event: StoredEvent, notes: Sequence[StoredNotification], findings: _Lists
) -> None:
    cancelled_at = _acknowledged_at(meeting, Kind.CANCEL)
    changed_at = _acknowledged_at(meeting, Kind.UPDATE)
    for note in notes:
        if note.type != _REMINDER:
            continue
        if cancelled_at and note.written_at > cancelled_at:
            findings.phantom.append(f"{meeting.name}: {note.reader} was reminded after the cancellation")
        if note.created_at not in event.due and changed_at and note.written_at > changed_at:
            findings.phantom.append(f"{meeting.name}: {note.reader} was reminded of a time that had changed")


def _acknowledged_at(meeting: Meeting, kind: Kind) -> datetime | None:
    """When the last of the acknowledged operations of a kind was answered."""
    times = [
        it.answered_at
        for it in meeting.operations
        if it.kind is kind and it.outcome is Outcome.ACKNOWLEDGED and it.answered_at
    ]
    return max(times, default=None)
