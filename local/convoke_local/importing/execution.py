"""Carrying the plans out, one after the other."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from convoke_api.fields import email_key

from convoke_local.importing.client import Refused
from convoke_local.importing.people import Person
from convoke_local.importing.plans import ALREADY_IMPORTED, Create, Plan, Skip, compare_with_known
from convoke_local.importing.report import Summary

_CONFLICT = 409
_SERVER_ERROR = 500


class EventApi(Protocol):
    """What the importer needs of the API."""

    def find_event(self, organizer: Person, uid: str) -> Mapping[str, Any] | Refused | None: ...

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Mapping[str, Any] | Refused: ...


def apply_plans(plans: Iterable[Plan], api: EventApi, summary: Summary) -> None:
    """Carry out the plans in order; an event met twice is compared with what the first one left behind."""
    known = _KnownEvents(api)
    for plan in plans:
        outcome = _create(plan, api, known) if isinstance(plan, Create) else plan
        if isinstance(outcome, Skip):
            summary.skipped.append(outcome)
            if outcome.reason.startswith("failed"):
                summary.troubles.append(f"{outcome.component} {outcome.uid}: {outcome.reason}")
        else:
            summary.created += 1
            summary.notes.update(outcome.notes)


class _KnownEvents:
    """The events of the organizers met so far, each asked for once."""

    def __init__(self, api: EventApi) -> None:
        self._api = api
        self._events: dict[tuple[str, str], Mapping[str, Any] | None] = {}

    def find(self, plan: Create) -> Mapping[str, Any] | Refused | None:
        place = _place_of(plan)
        if place not in self._events:
            found = self._api.find_event(plan.organizer, plan.uid)
            if isinstance(found, Refused):
                return found
            self._events[place] = found
        return self._events[place]

    def remember(self, plan: Create, event: Mapping[str, Any]) -> None:
        self._events[_place_of(plan)] = event


def _place_of(plan: Create) -> tuple[str, str]:
    return email_key(plan.organizer.email), plan.uid


def _create(plan: Create, api: EventApi, known: _KnownEvents) -> Create | Skip:
    found = known.find(plan)
    if isinstance(found, Refused):
        return _skip(plan, found)
    if found is not None:
        return compare_with_known(plan, found)
    answer = api.create_event(plan.organizer, plan.request)
    if isinstance(answer, Refused):
        return _skip(plan, answer)
    known.remember(plan, answer)
    return plan


def _skip(plan: Create, refused: Refused) -> Skip:
    if refused.status == _CONFLICT:
        # Somebody else imported it between our question and our request.
        return Skip(plan.uid, plan.component, ALREADY_IMPORTED)
    kind = "failed" if refused.status >= _SERVER_ERROR else "refused"
    return Skip(plan.uid, plan.component, f"{kind}: {refused.detail} (status {refused.status})")
