"""Apply changes of an event that take several requests; the next import finishes an interrupted one."""

from dataclasses import replace

from convoke.domain import email_key

from convoke_importer import decisions
from convoke_importer.api import Event, EventApi, Refused
from convoke_importer.ledger import Ledger
from convoke_importer.plans import Cancel, Create, Revise, Skip
from convoke_importer.revisions import SeenRevision


def prepare_revise(plan: Create, known: Event, api: EventApi, ledger: Ledger) -> Revise | Skip | Refused:
    """Return the changes of a later revision, after reading the event's participants."""
    participants = api.list_participants(plan.organizer, known["id"])
    if isinstance(participants, Refused):
        return participants
    uninvited = set()
    for email in plan.request["participant_emails"]:
        removal = ledger.find_removal(known["id"], email)
        if removal is not None and removal >= plan.revision:
            uninvited.add(email_key(email))
    seen = ledger.find_revision(known["id"])
    return decisions.plan_revise(plan, known, seen, participants, uninvited)


def carry_out(revise: Revise, api: EventApi, ledger: Ledger) -> Event | Refused:
    """Apply the changes and return the event.

    In this order, removed people are not notified of the changes, and added people are invited to the changed
    event. The ledger has `is_applied` false from before the first request until after the last.
    """
    organizer, event_id = revise.organizer, revise.event_id
    seen = SeenRevision(revise.revision, revise.event_sequence, is_applied=False)
    ledger.record_revision(event_id, seen)
    for user_id in revise.removed_ids:
        refused = api.remove_participant(organizer, event_id, user_id)
        if refused:
            return refused
    event = api.update_event(organizer, event_id, revise.version, revise.changes)
    if isinstance(event, Refused):
        return event
    if revise.added_emails:
        refused = api.add_participants(organizer, event_id, revise.added_emails)
        if refused:
            return refused
    ledger.record_revision(event_id, replace(seen, event_sequence=event["sequence"], is_applied=True))
    return event


def uninvite(plan: Cancel, known: Event, api: EventApi, ledger: Ledger) -> Cancel | Skip | Refused:
    """Remove the people that a CANCEL names; each once, because they may be invited again later."""
    participants = api.list_participants(plan.organizer, known["id"])
    if isinstance(participants, Refused):
        return participants
    earlier = {email_key(email): ledger.find_removal(known["id"], email) for email in plan.removed_emails}
    wanted = decisions.choose_removals(plan, earlier)
    if not wanted:
        return Skip(plan.uid, plan.component, decisions.ALREADY_IMPORTED)
    user_ids = {email_key(each["email"]): each["user_id"] for each in participants if each["email"]}
    for email in wanted:
        user_id = user_ids.get(email_key(email))
        refused = api.remove_participant(plan.organizer, known["id"], user_id) if user_id else None
        if refused:
            return refused
        ledger.record_removal(known["id"], email, plan.revision)
    if user_ids.keys().isdisjoint(map(email_key, wanted)):
        return Skip(plan.uid, plan.component, decisions.NO_PARTICIPANT_LEFT)
    return plan
