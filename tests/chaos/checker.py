"""Compares what was attempted with what the database holds: lost, duplicate, phantom, and more.

As Jepsen's total-queue checker, and stricter: a duplicate fails it too.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chaos.expectations import Owed, list_committed, list_lost_effects, list_owed
from chaos.ledger import Kind, Ledger, Meeting, Outcome
from chaos.reminders import check_reminders
from chaos.snapshots import OutboxEntry, Snapshot, StoredEvent, StoredNotification
from chaos.tags import name_of

REMINDER = "event_reminder"


@dataclass
class Findings:
    """What is wrong, each with enough to look it up. All lists are empty when all is well."""

    #: An acknowledged operation or an owed notification that is not there.
    lost: list[str] = field(default_factory=list)
    #: A fact that somebody was told more than once, or an event that is there twice.
    duplicate: list[str] = field(default_factory=list)
    #: Something that nobody attempted, that did not commit, or that was not for its reader.
    phantom: list[str] = field(default_factory=list)
    #: Ids that do not go in the order of the facts.
    disorder: list[str] = field(default_factory=list)
    #: Rows still owed, rows given up though nothing was wrong with them, impossible states.
    outbox: list[str] = field(default_factory=list)
    #: Answers that break the HTTP contract.
    surprises: list[str] = field(default_factory=list)

    def describe(self) -> dict[str, list[str]]:
        """By name, without what is empty."""
        return {name: found for name, found in vars(self).items() if found}


def check(ledger: Ledger, snapshot: Snapshot, accepted: Iterable[str]) -> Findings:
    """All checks. `accepted` are the bodies of the messages that the queue took."""
    findings = Findings(surprises=list(ledger.surprises))
    events = _match_events(ledger, snapshot, findings)
    told: defaultdict[str, list[StoredNotification]] = defaultdict(list)
    for note in snapshot.notifications:
        told[note.event_id].append(note)
    reminders: defaultdict[str, list[OutboxEntry]] = defaultdict(list)
    for row in snapshot.outbox:
        if row.type == REMINDER:
            reminders[row.event_id].append(row)
    known = {event.id: meeting for meeting, event in events}
    for event_id, notes in told.items():
        if event_id not in known:
            findings.phantom.append(f"{len(notes)} notifications of event {event_id}, which is not there")
    for meeting, event in events:
        notes = told[event.id]
        findings.lost += [f"{meeting.name}: {it}" for it in list_lost_effects(meeting, event)]
        _compare(meeting, event, [note for note in notes if note.type != REMINDER], findings)
        check_reminders(meeting, event, notes, reminders[event.id], findings)
    _check_order(snapshot.notifications, findings)
    _check_outbox(snapshot, accepted, findings)
    return findings


def _match_events(
    ledger: Ledger, snapshot: Snapshot, findings: Findings
) -> list[tuple[Meeting, StoredEvent]]:
    stored: defaultdict[str, list[StoredEvent]] = defaultdict(list)
    for event in snapshot.events:
        stored[name_of(event.tag)].append(event)
    matched = []
    for meeting in ledger.meetings:
        found = stored.pop(meeting.name, [])
        creation = meeting.operations[0].outcome
        if len(found) > 1:
            findings.duplicate.append(f"meeting {meeting.name} is there {len(found)} times")
        if not found and creation is Outcome.ACKNOWLEDGED:
            findings.lost.append(f"meeting {meeting.name} is not there")
        if found and creation is Outcome.REFUSED:
            findings.phantom.append(f"meeting {meeting.name} was refused and is there")
        if found and meeting.event_id and meeting.event_id not in {event.id for event in found}:
            findings.lost.append(f"meeting {meeting.name} has another id than was answered")
        matched += [(meeting, event) for event in found[:1]]
    findings.phantom += [f"meeting {name} was never attempted" for name in stored]
    return matched


def _compare(
    meeting: Meeting, event: StoredEvent, notes: Sequence[StoredNotification], findings: Findings
) -> None:
    owed = list_owed(meeting, event)
    found = Counter(Owed(note.reader, note.type, note.tag, note.actor or "") for note in notes)
    findings.lost += [f"{meeting.name}: {it}" for it in (owed - found)]
    for it in found - owed:
        (findings.duplicate if it in owed else findings.phantom).append(f"{meeting.name}: {it}")
    _check_order_of_facts(meeting, event, notes, findings)


def _check_order_of_facts(
    meeting: Meeting, event: StoredEvent, notes: Sequence[StoredNotification], findings: Findings
) -> None:
    # Which comes first of a change and a cancellation at once: the change, or it would have been refused.
    committed = sorted(list_committed(meeting, event), key=lambda it: it.kind is Kind.CANCEL)
    owed = [
        (reader, event.tag if it.kind is Kind.CANCEL else it.tag, it.actor)
        for it in committed
        for reader in it.told
    ]
    places: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, fact in enumerate(owed):
        places[fact].append(place)
    by_reader: defaultdict[str, list[int]] = defaultdict(list)
    for note in sorted(notes, key=lambda note: note.id):
        if found := places.get((note.reader, note.tag, note.actor or "")):
            by_reader[note.reader].append(found.pop(0) if len(found) > 1 else found[0])
    for reader, order in by_reader.items():
        if order != sorted(order):
            findings.disorder.append(f"{meeting.name}: {reader} is told in another order than it happened")


def _check_order(notes: Sequence[StoredNotification], findings: Findings) -> None:
    """An inbox goes by id, and so by the time of the fact."""
    for earlier, later in pairwise(notes):
        if earlier.reader == later.reader and earlier.created_at > later.created_at:
            findings.disorder.append(f"{later.reader}: {later.id} is of an earlier fact than {earlier.id}")


def _check_outbox(snapshot: Snapshot, accepted: Iterable[str], findings: Findings) -> None:
    cancelled = {event.id for event in snapshot.events if event.status == "cancelled"}
    for row in snapshot.outbox:
        if row.failed_at:
            findings.outbox.append(f"{row.type} {row.id} was given up")
        if row.delivered_at and row.cancelled_at:
            findings.outbox.append(f"{row.type} {row.id} was delivered and withdrawn")
        if row.type == REMINDER and row.event_id in cancelled and not (row.delivered_at or row.cancelled_at):
            findings.outbox.append(f"{row.id} is a live reminder of a cancelled meeting")
    rows = {row.id for row in snapshot.outbox}
    sent = {json.loads(body)["outbox_id"] for body in accepted}
    findings.phantom += [f"a message was sent for {row}, which never committed" for row in sent - rows]
