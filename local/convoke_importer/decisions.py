"""Decide what remains of a plan when the event is known: pure functions, without requests.

`known` is the organizer's event of that UID as in GET /v1/events, `participants` are its participants as in
GET /v1/events/{event_id}/participants, and `seen` is the revision that earlier imports have applied.
"""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from convoke.domain import email_key

from convoke_importer.people import list_some
from convoke_importer.plans import Cancel, Create, Reply, Revise, Skip
from convoke_importer.revisions import Revision, SeenReply, SeenRevision

ALREADY_IMPORTED = "already imported"
CANCELLED = "obsolete: the event was cancelled"
UNKNOWN_EVENT = "unknown event: its organizer has none of this UID"
UNKNOWN_INVITATION = "unknown event: its attendee is invited to none of this UID"
AMBIGUOUS_REPLY = (
    "not understood: it has no ORGANIZER, and its attendee is invited to several events of this UID"
)
NOT_INVITED = "not invited: the attendee is not a participant of the event"
LATER_SEQUENCE = "obsolete: a later revision of the event is known (higher SEQUENCE)"
LATER_STAMP = "obsolete: a later revision of the event is known (same SEQUENCE, later DTSTAMP)"
NOT_KNOWN_TO_BE_LATER = "obsolete: not known to be later than the event (same SEQUENCE, DTSTAMP not later)"
LATER_REPLY = "obsolete: a later reply of this attendee is known (SEQUENCE, DTSTAMP)"
DELEGATION = "not yet supported: a delegation"
NO_PARTICIPANT_LEFT = "obsolete: the people whom it uninvites are not participants of the event"

#: The fields that are compared between two revisions of one event, beside its times.
_FIELDS = ("title", "description", "location", "all_day", "time_zone")
_TIMES = ("starts_at", "ends_at")


def compare_with_known(plan: Create, known: Mapping[str, Any], seen: SeenRevision | None) -> Skip | None:
    """Return why a plan is skipped; None when it is a later revision than the event's.

    RFC 5546, 2.1.5: the higher SEQUENCE is later, and between equal ones the later DTSTAMP. Where a DTSTAMP
    is not known (in the file, or of an event that was not imported or was changed since), the event stays.
    """
    base = find_base(known, seen)
    if known["status"] == "cancelled":
        reason = CANCELLED
    elif plan.revision.sequence < base.sequence:
        reason = LATER_SEQUENCE
    elif plan.revision.sequence > base.sequence or _was_interrupted(plan, known, seen):
        return None
    elif base.stamp and plan.revision.stamp > base.stamp:
        # RFC 5546, 3.2.2.3: a delegator sends the event on, with the same SEQUENCE and two attendees.
        if not plan.delegates:
            return None
        reason = DELEGATION
    elif _has_same_contents(plan.request, known):
        reason = ALREADY_IMPORTED
    else:
        reason = NOT_KNOWN_TO_BE_LATER
    return Skip(plan.uid, plan.component, reason)


def plan_revise(
    plan: Create,
    known: Mapping[str, Any],
    seen: SeenRevision | None,
    participants: Iterable[Mapping[str, Any]],
    uninvited: Set[str],
) -> Revise | Skip:
    """Return how a later revision changes the event; `uninvited` are address keys not to be added again.

    A REQUEST lists all who are invited (RFC 5546, 3.2.2), so with a higher SEQUENCE the others are removed.
    One of the same SEQUENCE may be an update for some of the attendees, and the list of a PUBLISH or an
    export may be empty or incomplete: these only add. An update without alarms leaves the reminders as they
    are: alarms are not sent to others.
    """
    participants = list(participants)
    ids = {email_key(each["email"]): each["user_id"] for each in participants if each["email"]}
    invited = {email_key(email): email for email in plan.request["participant_emails"]}
    added = [email for key, email in invited.items() if key not in ids and key not in uninvited]
    removed = []
    if plan.lists_everybody and plan.revision.sequence > find_base(known, seen).sequence:
        listed = {*invited, email_key(plan.organizer.email)}
        removed = [user_id for key, user_id in ids.items() if key not in listed]
    is_visible = not _has_same_contents(plan.request, known)
    if plan.revision.sequence <= known["sequence"] and not (is_visible or added or removed):
        return Skip(plan.uid, plan.component, ALREADY_IMPORTED)
    # A text that differs in white space alone stays: the change would not be visible.
    changes = {
        name: known[name]
        if name in _FIELDS and _looks_alike(plan.request[name], known[name])
        else plan.request[name]
        for name in ("sequence", *_FIELDS, *_TIMES)
    }
    if plan.request["reminder_minutes"]:
        changes["reminder_minutes"] = plan.request["reminder_minutes"]
    gone = [str(each["email"]) for each in participants if each["user_id"] in set(removed)]
    notes = (f"people whom a later REQUEST does not list were uninvited: {list_some(gone)}",) if gone else ()
    return Revise(
        plan.component,
        plan.organizer,
        plan.uid,
        str(known["id"]),
        known["version"],
        changes,
        added,
        removed,
        plan.revision,
        max(known["sequence"] + is_visible, plan.revision.sequence),
        plan.notes + notes,
    )


def compare_cancellation(plan: Cancel, known: Mapping[str, Any], seen: SeenRevision | None) -> Skip | None:
    """Return why a CANCEL is skipped, or None. It counts unless a later revision of the event is known.

    RFC 5546, 3.2.5 has a CANCEL raise the SEQUENCE. One of the event's own SEQUENCE counts too, unless its
    DTSTAMP is the earlier one: a cancelled event that looks confirmed is the worse mistake.
    """
    base = find_base(known, seen)
    if known["status"] == "cancelled":
        reason = CANCELLED
    elif plan.revision.sequence < base.sequence:
        reason = LATER_SEQUENCE
    elif plan.revision.sequence == base.sequence and "" < plan.revision.stamp < base.stamp:
        reason = LATER_STAMP
    else:
        return None
    return Skip(plan.uid, plan.component, reason)


def compare_reply(plan: Reply, known: Mapping[str, Any], seen: SeenReply | None) -> Skip | None:
    """Return why a REPLY is skipped, or None.

    RFC 5546, 2.1.5: of one attendee's replies that of the highest SEQUENCE counts, then that of the latest
    DTSTAMP. The revision of the event that it responds to does not matter: responses survive changes.
    """
    if known["status"] == "cancelled":
        reason = CANCELLED
    elif seen is None or plan.revision > seen.revision:
        return None
    elif plan.revision < seen.revision:
        reason = LATER_REPLY
    elif plan.response_status == seen.response_status:
        reason = ALREADY_IMPORTED
    else:
        reason = "obsolete: another reply of this attendee is known (same SEQUENCE and DTSTAMP)"
    return Skip(plan.uid, plan.component, reason)


def choose_removals(plan: Cancel, earlier: Mapping[str, Revision | None]) -> list[str]:
    """Return the addresses that a CANCEL uninvites first; `earlier` are the last removals by address key."""
    chosen = []
    for email in plan.removed_emails:
        removal = earlier.get(email_key(email))
        if removal is None or removal < plan.revision:
            chosen.append(email)
    return chosen


def find_base(known: Mapping[str, Any], seen: SeenRevision | None) -> Revision:
    """Return the revision of the event.

    That is the one an import applied, unless the event was changed in Convoke since: each such change raises
    its `sequence`, and has no known DTSTAMP.
    """
    if seen is not None and seen.event_sequence == known["sequence"]:
        return seen.revision
    return Revision(known["sequence"])


def _was_interrupted(plan: Create, known: Mapping[str, Any], seen: SeenRevision | None) -> bool:
    return (
        seen is not None
        and not seen.is_applied
        and seen.revision == plan.revision
        and known["sequence"] <= seen.event_sequence
    )


def _has_same_contents(request: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    same_times = all(
        datetime.fromisoformat(request[name]) == datetime.fromisoformat(known[name]) for name in _TIMES
    )
    return same_times and all(_looks_alike(request[name], known[name]) for name in _FIELDS)


def _looks_alike(one: object, other: object) -> bool:
    """Return whether two values are equal, ignoring white space in texts."""
    if isinstance(one, str) and isinstance(other, str):
        return one.split() == other.split()
    return one == other
