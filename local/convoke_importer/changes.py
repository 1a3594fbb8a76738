"""Changes of an event that take several requests: what was begun is found and finished by the next import."""

from dataclasses import replace

from convoke.domain import email_key

from convoke_importer import decisions
from convoke_importer.api import Event, EventApi, Refused
from convoke_importer.ledger import Ledger
from convoke_importer.plans import Cancel, Create, Skip, Update
from convoke_importer.revisions import SeenRevision


def decide_update(plan: Create, known: Event, api: EventApi, ledger: Ledger) -> Update | Skip | Refused:
    """What a later revision changes, after a look at everybody who takes part."""
    participants = api.list_participants(plan.organizer, known["id"])
    if isinstance(participants, Refused):
        return participants
    uninvited = set()
    for email in plan.request["participant_emails"]:
        removal = ledger.find_removal(known["id"], email)
        if removal is not None and removal >= plan.revision:
            uninvited.add(email_key(email))
    seen = ledger.find_revision(known["id"])
    return decisions.plan_update(plan, known, seen, participants, uninvited)


def carry_out(update: Update, api: EventApi, ledger: Ledger) -> Event | Refused:
    """The event after the update.

    In this order, whoever goes is not told of the changes, and whoever comes is invited to the event as it
    will be. The ledger knows from before the first request until after the last that some may be missing.
    """
    organizer, event_id = update.organizer, update.event_id
    seen = SeenRevision(update.revision, update.event_sequence, is_applied=False)
    ledger.record_revision(event_id, seen)
    for user_id in update.removed_ids:
        refused = api.remove_participant(organizer, event_id, user_id)
        if refused:
            return refused
    event = api.update_event(organizer, event_id, update.version, update.changes)
    if isinstance(event, Refused):
        return event
    if update.added_emails:
        refused = api.add_participants(organizer, event_id, update.added_emails)
        if refused:
            return refused
    ledger.record_revision(event_id, replace(seen, event_sequence=event["sequence"], is_applied=True))
    return event


def uninvite(plan: Cancel, known: Event, api: EventApi, ledger: Ledger) -> Cancel | Skip | Refused:
    """Take those whom a CANCEL names out of the event; each one once, should they be invited again later."""
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
        return Skip(plan.uid, plan.component, decisions.NOBODY_LEFT)
    return plan
