"""Compares the attempted operations with the database: lost, duplicate, phantom, and more.

Like Jepsen's total-queue checker, but stricter: a duplicate fails it too.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chaos.expectations import Expected, list_committed, list_expected, list_lost_effects
from chaos.ledger import Kind, Ledger, Outcome, PlannedEvent
from chaos.reminders import check_reminders
from chaos.snapshots import OutboxEntry, Snapshot, StoredEvent, StoredNotification
from chaos.tags import name_of

REMINDER = "event_reminder"


@dataclass
class Findings:
    """The errors, each with enough detail to look it up. All lists are empty after a correct run."""

    #: An acknowledged operation or an expected notification that is missing.
    lost: list[str] = field(default_factory=list)
    #: A second notification of one change for one recipient, or a second event.
    duplicate: list[str] = field(default_factory=list)
    #: A row that was never attempted, that did not commit, or that has a wrong recipient.
    phantom: list[str] = field(default_factory=list)
    #: Ids that do not follow the order of the changes.
    disorder: list[str] = field(default_factory=list)
    #: Rows still undelivered, rows given up without a cause, impossible states.
    outbox: list[str] = field(default_factory=list)
    #: Responses that break the HTTP contract.
    surprises: list[str] = field(default_factory=list)

    def describe(self) -> dict[str, list[str]]:
        """Return the lists by name, without empty ones."""
        return {name: found for name, found in vars(self).items() if found}


def check(ledger: Ledger, snapshot: Snapshot, accepted: Iterable[str]) -> Findings:
    """Run all checks. `accepted` are the bodies of the messages that the queue took."""
    findings = Findings(surprises=list(ledger.surprises))
    events = _match_events(ledger, snapshot, findings)
    written: defaultdict[str, list[StoredNotification]] = defaultdict(list)
    for note in snapshot.notifications:
        written[note.event_id].append(note)
    reminders: defaultdict[str, list[OutboxEntry]] = defaultdict(list)
    for row in snapshot.outbox:
        if row.type == REMINDER:
            reminders[row.event_id].append(row)
    known = {event.id: plan for plan, event in events}
    for event_id, notes in written.items():
        if event_id not in known:
            findings.phantom.append(f"{len(notes)} notifications of event {event_id}, which does not exist")
    for plan, event in events:
        notes = written[event.id]
        findings.lost += [f"{plan.name}: {it}" for it in list_lost_effects(plan, event)]
        _compare(plan, event, [note for note in notes if note.type != REMINDER], findings)
        check_reminders(plan, event, notes, reminders[event.id], findings)
    _check_order(snapshot.notifications, findings)
    _check_outbox(snapshot, accepted, findings)
    return findings


def _match_events(
    ledger: Ledger, snapshot: Snapshot, findings: Findings
) -> list[tuple[PlannedEvent, StoredEvent]]:
    stored: defaultdict[str, list[StoredEvent]] = defaultdict(list)
    for event in snapshot.events:
        stored[name_of(event.tag)].append(event)
    matched = []
    for plan in ledger.events:
        found = stored.pop(plan.name, [])
        creation = plan.operations[0].outcome
        if len(found) > 1:
            findings.duplicate.append(f"event {plan.name} exists {len(found)} times")
        if not found and creation is Outcome.ACKNOWLEDGED:
            findings.lost.append(f"event {plan.name} does not exist")
        if found and creation is Outcome.REFUSED:
            findings.phantom.append(f"event {plan.name} was refused and exists")
        if found and plan.event_id and plan.event_id not in {event.id for event in found}:
            findings.lost.append(f"event {plan.name} has another id than in the response")
        matched += [(plan, event) for event in found[:1]]
    findings.phantom += [f"event {name} was never attempted" for name in stored]
    return matched


def _compare(
    plan: PlannedEvent, event: StoredEvent, notes: Sequence[StoredNotification], findings: Findings
) -> None:
    expected = list_expected(plan, event)
    found = Counter(Expected(note.recipient, note.type, note.tag, note.actor or "") for note in notes)
    findings.lost += [f"{plan.name}: {it}" for it in (expected - found)]
    for it in found - expected:
        (findings.duplicate if it in expected else findings.phantom).append(f"{plan.name}: {it}")
    _check_order_of_changes(plan, event, notes, findings)


def _check_order_of_changes(
    plan: PlannedEvent, event: StoredEvent, notes: Sequence[StoredNotification], findings: Findings
) -> None:
    # Of a concurrent change and cancellation the change comes first, or it would have been refused.
    committed = sorted(list_committed(plan, event), key=lambda it: it.kind is Kind.CANCEL)
    expected = [
        (recipient, event.tag if it.kind is Kind.CANCEL else it.tag, it.actor)
        for it in committed
        for recipient in it.recipients
    ]
    places: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, change in enumerate(expected):
        places[change].append(place)
    by_recipient: defaultdict[str, list[int]] = defaultdict(list)
    for note in sorted(notes, key=lambda note: note.id):
        if found := places.get((note.recipient, note.tag, note.actor or "")):
            by_recipient[note.recipient].append(found.pop(0) if len(found) > 1 else found[0])
    for recipient, order in by_recipient.items():
        if order != sorted(order):
            findings.disorder.append(f"{plan.name}: {recipient} has notifications in a wrong order")


def _check_order(notes: Sequence[StoredNotification], findings: Findings) -> None:
    """Check that each inbox, sorted by id, is sorted by the time of the change."""
    for earlier, later in pairwise(notes):
        if earlier.recipient == later.recipient and earlier.created_at > later.created_at:
            findings.disorder.append(
                f"{later.recipient}: {later.id} is of an earlier change than {earlier.id}"
            )


def _check_outbox(snapshot: Snapshot, accepted: Iterable[str], findings: Findings) -> None:
    cancelled = {event.id for event in snapshot.events if event.status == "cancelled"}
    for row in snapshot.outbox:
        if row.failed_at:
            findings.outbox.append(f"{row.type} {row.id} was given up")
        if row.delivered_at and row.cancelled_at:
            findings.outbox.append(f"{row.type} {row.id} was delivered and withdrawn")
        if row.type == REMINDER and row.event_id in cancelled and not (row.delivered_at or row.cancelled_at):
            findings.outbox.append(f"{row.id} is a live reminder of a cancelled event")
    rows = {row.id for row in snapshot.outbox}
    sent = {json.loads(body)["outbox_id"] for body in accepted}
    findings.phantom += [f"a message was sent for {row}, which never committed" for row in sent - rows]
