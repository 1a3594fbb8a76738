"""Reads the files, carries the plans out one after the other, and tells what came of it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from convoke_api.fields import email_key
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from convoke_local.importing.calendars import (
    Calendar,
    UnreadableCalendarError,
    read_calendars,
)
from convoke_local.importing.client import ConvokeClient, Refused, StackUnreachableError
from convoke_local.importing.people import Person
from convoke_local.importing.plans import (
    ALREADY_IMPORTED,
    Create,
    Plan,
    Skip,
    compare_with_known,
    plan_component,
)
from convoke_local.importing.report import Summary, print_notes, print_summary, render_json
from convoke_local.importing.zones import Zones

_CONFLICT = 409
_SERVER_ERROR = 500


class EventApi(Protocol):
    """What the importer needs of the API."""

    def find_event(self, organizer: Person, uid: str) -> Mapping[str, Any] | Refused | None: ...

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Mapping[str, Any] | Refused: ...


def run_import(
    paths: list[Path], *, base_url: str, key: str, as_json: bool, acting_as: str | None = None
) -> int:
    """Import iCalendar files through the API at `base_url`; returns the exit status.

    The summary goes to stdout, as text or as JSON; progress (on a terminal), notes and troubles to stderr.
    `acting_as` is the address of the person who gets the events without an ORGANIZER. Status 1: a file could
    not be read, or the stack failed or did not answer; everything else was still done as far as possible.
    """
    summary = Summary()
    owner = Person(acting_as) if acting_as else None
    stderr = Console(stderr=True, soft_wrap=True)
    client = ConvokeClient(base_url, key)
    try:
        plans = list(plan_files(paths, summary, owner))
        with _make_progress(stderr) as progress:
            apply_plans(progress.track(plans, description="Importing"), client, summary)
    except StackUnreachableError as error:
        summary.troubles.append(str(error))
    finally:
        client.close()
    if as_json:
        print(render_json(summary))
    else:
        print_summary(Console(soft_wrap=True), summary)
    print_notes(stderr, summary)
    return 1 if summary.troubles else 0


def plan_files(paths: Iterable[Path], summary: Summary, acting_as: Person | None = None) -> Iterator[Plan]:
    """The plans of all components, in the order of the files; unreadable files become troubles."""
    for path in paths:
        try:
            calendars = read_calendars(path.read_bytes())
        except OSError as error:
            summary.troubles.append(f"{path} cannot be read: {error.strerror or error}")
        except UnreadableCalendarError as error:
            summary.troubles.append(f"{path} cannot be read: {error}")
        else:
            yield from plan_calendars(calendars, acting_as)


def plan_calendars(calendars: list[Calendar], acting_as: Person | None = None) -> Iterator[Plan]:
    """The plans of all components of one file. A zone may be defined in any calendar of it."""
    definitions = [zone for calendar in calendars for zone in calendar.zones]
    for calendar in calendars:
        zones = Zones(calendar.header.text("X-WR-TIMEZONE"), [*calendar.zones, *definitions])
        for component in calendar.components:
            yield plan_component(component, calendar, zones, acting_as)


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


def _make_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
