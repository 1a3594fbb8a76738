"""Carry out the plans, one after the other, in their order."""

from collections.abc import Iterable

from convoke_importer import changes, decisions
from convoke_importer.api import Event, EventApi, Refused
from convoke_importer.known_events import KnownEvents
from convoke_importer.ledger import Ledger
from convoke_importer.plans import Cancel, Create, Outcome, Plan, Reply, Revise, Skip
from convoke_importer.report import Summary
from convoke_importer.revisions import SeenReply, SeenRevision

_NOT_FOUND, _CONFLICT, _PRECONDITION_FAILED, _SERVER_ERROR = 404, 409, 412, 500
#: Attempts to carry out a plan, each after a concurrent change of the event.
_ROUNDS = 5


def apply_plans(plans: Iterable[Plan], api: EventApi, ledger: Ledger, summary: Summary) -> None:
    """Carry out the plans in order: each is applied to the outcome of those before it.

    A REPLY or CANCEL that comes before its event is skipped; it counts when it is imported again after it.
    """
    execution = _Execution(api, ledger)
    for plan in plans:
        summary.add(plan if isinstance(plan, Skip) else execution.apply(plan))


class _Execution:
    def __init__(self, api: EventApi, ledger: Ledger) -> None:
        self._api = api
        self._ledger = ledger
        self._events = KnownEvents(api)

    def apply(self, plan: Create | Cancel | Reply) -> Outcome:
        """Carry out a plan; decide again after a concurrent change of the event."""
        rounds = 0
        while True:
            outcome = self._try(plan)
            if not isinstance(outcome, Refused):
                return outcome
            rounds += 1
            if outcome.status not in (_CONFLICT, _PRECONDITION_FAILED) or rounds == _ROUNDS:
                break
            if plan.organizer is not None:
                self._events.forget(plan.organizer, plan.uid)
        kind = "failed" if outcome.status >= _SERVER_ERROR else "refused"
        return Skip(plan.uid, plan.component, f"{kind}: {outcome.detail} (status {outcome.status})")

    def _try(self, plan: Create | Cancel | Reply) -> Outcome | Refused:
        if plan.organizer is None:
            known = self._find_replied_event(plan)
            if isinstance(known, Skip):
                return known
        else:
            known = self._events.find(plan.organizer, plan.uid)
        if isinstance(known, Refused):
            return known
        if known is None:
            if isinstance(plan, Create):
                return self._create(plan)
            return Skip(plan.uid, plan.component, decisions.UNKNOWN_EVENT)
        # A change takes several requests, and the ledger marks it as begun in between: a concurrent import
        # would take it for one that was interrupted.
        with self._ledger.hold():
            if isinstance(plan, Reply):
                return self._reply(plan, known)
            return self._change(plan, known)

    def _find_replied_event(self, plan: Reply) -> Event | Skip | Refused | None:
        """Return the one event that a REPLY without an ORGANIZER can mean."""
        found = self._api.find_invitations(plan.attendee, plan.uid)
        if isinstance(found, Refused):
            return found
        if len(found) > 1:
            return Skip(plan.uid, plan.component, decisions.AMBIGUOUS_REPLY)
        return found[0] if found else Skip(plan.uid, plan.component, decisions.UNKNOWN_INVITATION)

    def _change(self, plan: Create | Cancel, known: Event) -> Outcome | Refused:
        skip = self._compare(plan, known)
        if skip:
            return skip
        # Decisions that If-Match does not protect need the event as it is, not as it was remembered.
        self._events.forget(plan.organizer, plan.uid)
        found = self._events.find(plan.organizer, plan.uid)
        if found is None or isinstance(found, Refused):
            return found or Refused(_CONFLICT, "The event is gone.")
        skip = self._compare(plan, found)
        if skip:
            return skip
        return self._revise(plan, found) if isinstance(plan, Create) else self._cancel(plan, found)

    def _compare(self, plan: Create | Cancel, known: Event) -> Skip | None:
        seen = self._ledger.find_revision(known["id"])
        if isinstance(plan, Cancel):
            return decisions.compare_cancellation(plan, known, seen)
        skip = decisions.compare_with_known(plan, known, seen)
        if skip and skip.reason == decisions.ALREADY_IMPORTED:
            self._record_known_revision(plan, known, seen)
        return skip

    def _record_known_revision(self, plan: Create, known: Event, seen: SeenRevision | None) -> None:
        """Record the DTSTAMP of the revision that the event has."""
        if seen is not None and seen.event_sequence > known["sequence"]:
            # Another import has changed the event since it was read.
            return
        if seen is None or plan.revision > decisions.find_base(known, seen) or plan.revision == seen.revision:
            self._ledger.record_revision(known["id"], SeenRevision(plan.revision, known["sequence"]))

    def _create(self, plan: Create) -> Create | Refused:
        event = self._api.create_event(plan.organizer, plan.request)
        if isinstance(event, Refused):
            return event
        self._events.remember(plan.organizer, plan.uid, event)
        self._ledger.record_creation(event["id"], SeenRevision(plan.revision, event["sequence"]))
        return plan

    def _revise(self, plan: Create, known: Event) -> Outcome | Refused:
        revise = changes.prepare_revise(plan, known, self._api, self._ledger)
        if isinstance(revise, Skip):
            self._record_known_revision(plan, known, self._ledger.find_revision(known["id"]))
        if not isinstance(revise, Revise):
            return revise
        event = changes.carry_out(revise, self._api, self._ledger)
        if isinstance(event, Refused):
            return event
        self._events.remember(plan.organizer, plan.uid, event)
        return revise

    def _cancel(self, plan: Cancel, known: Event) -> Outcome | Refused:
        if plan.removed_emails:
            return changes.uninvite(plan, known, self._api, self._ledger)
        refused = self._api.cancel_event(plan.organizer, known["id"], known["version"])
        if refused:
            return refused
        self._events.remember(plan.organizer, plan.uid, {**known, "status": "cancelled"})
        return plan

    def _reply(self, plan: Reply, known: Event) -> Outcome | Refused:
        event_id, email = known["id"], plan.attendee.email
        skip = decisions.compare_reply(plan, known, self._ledger.find_reply(event_id, email))
        if skip:
            return skip
        refused = self._api.respond(plan.attendee, event_id, plan.response_status)
        if refused and refused.status == _NOT_FOUND:
            return Skip(plan.uid, plan.component, decisions.NOT_INVITED)
        if refused:
            return refused
        self._ledger.record_reply(event_id, email, SeenReply(plan.revision, plan.response_status))
        return plan
