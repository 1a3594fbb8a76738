"""The command: files in, summary and exit status out."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
from convoke_api.fields import check_email
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from convoke_local.errors import LocalStackError
from convoke_local.importing.calendars import Calendar, UnreadableCalendarError, read_calendars
from convoke_local.importing.client import ConvokeClient
from convoke_local.importing.connection import Connection, StackUnreachableError
from convoke_local.importing.execution import apply_plans
from convoke_local.importing.ledger import LEDGER_FILE, Ledger, LedgerError
from convoke_local.importing.people import Person
from convoke_local.importing.planning import plan_component
from convoke_local.importing.plans import Plan
from convoke_local.importing.report import Summary, print_notes, print_summary, render_json
from convoke_local.importing.zones import Zones


def run_import(
    paths: list[Path],
    *,
    base_url: str,
    key: str,
    data_folder: Path,
    as_json: bool,
    acting_as: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Import iCalendar files, in this order, through the API at `base_url`; returns the exit status.

    What was applied is remembered in the data folder of the stack, and not applied again. The summary goes
    to stdout, as text or as JSON; progress (on a terminal), notes and troubles to stderr.
    `acting_as` is the address of the person who gets the events without an ORGANIZER. Status 1: a file could
    not be read, or the stack failed or did not answer; everything else was still done as far as possible.
    Raises LocalStackError when `acting_as` is no address.
    """
    summary = Summary()
    owner = _find_person(acting_as) if acting_as is not None else None
    stderr = Console(stderr=True, soft_wrap=True)
    try:
        plans = list(plan_files(paths, summary, owner))
        with (
            Ledger(data_folder / LEDGER_FILE) as ledger,
            Connection(base_url, key, transport=transport) as connection,
            _make_progress(stderr) as progress,
        ):
            tracked = progress.track(plans, description="Importing")
            apply_plans(tracked, ConvokeClient(connection), ledger, summary)
    except (StackUnreachableError, LedgerError) as error:
        summary.troubles.append(str(error))
    except KeyboardInterrupt:
        summary.troubles.append("interrupted: what was imported stays, import again for the rest")
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


def _find_person(email: str) -> Person:
    try:
        return Person(check_email(email))
    except ValueError as error:
        raise LocalStackError("the owner of events without an ORGANIZER must be an e-mail address") from error


def _make_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
