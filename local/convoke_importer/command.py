"""Run an import: read the files, apply their plans, print the summary."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from convoke_importer.api_rules import parse_email
from convoke_importer.calendars import Calendar, UnreadableCalendarError, read_calendars
from convoke_importer.client import ConvokeClient
from convoke_importer.connection import Connection, MakeToken
from convoke_importer.errors import ImporterError, LedgerError, StackUnreachableError
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import LEDGER_FILE, Ledger
from convoke_importer.people import Person
from convoke_importer.planning import FindZone, plan_component
from convoke_importer.plans import Plan
from convoke_importer.report import Summary, print_notes, print_summary, render_json
from convoke_importer.text_encodings import find_codec
from convoke_importer.zones import Zones, index_definitions

#: A file is held in memory several times over while it is read.
_LARGEST_FILE = 64 << 20


def run_import(
    paths: list[Path],
    *,
    base_url: str,
    make_token: MakeToken,
    ledger_folder: Path,
    as_json: bool,
    acting_as: str | None = None,
    encoding: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Import iCalendar files, in this order, through the API at `base_url`; return the exit status.

    The ledger in `ledger_folder` records applied revisions, which are not applied again. The summary goes to
    stdout, as text or as JSON; progress (on a terminal), notes and troubles go to stderr. `acting_as` is the
    address of the organizer of events without an ORGANIZER, `encoding` that of lines that are not UTF-8.
    Status 1: a file could not be read, or the API failed or did not respond; everything else was still done
    as far as possible. Raises ImporterError for an invalid `acting_as` or an unknown `encoding`.
    """
    summary = Summary()
    owner = _find_person(acting_as) if acting_as is not None else None
    codec = _find_codec(encoding) if encoding is not None else None
    stderr = Console(stderr=True, soft_wrap=True)
    try:
        with (
            Ledger(ledger_folder / LEDGER_FILE) as ledger,
            Connection(base_url, make_token, transport=transport) as connection,
        ):
            client = ConvokeClient(connection)
            find_zone = cache(client.find_time_zone)
            plans = list(plan_files(paths, summary, owner, find_zone, codec))
            with _make_progress(stderr) as progress:
                tracked = progress.track(plans, description="Importing")
                apply_plans(tracked, client, ledger, summary)
    except (StackUnreachableError, LedgerError) as error:
        summary.troubles.append(str(error))
    except KeyboardInterrupt:
        summary.troubles.append("interrupted: imported events stay, import again for the rest")
    if as_json:
        print(render_json(summary))
    else:
        print_summary(Console(soft_wrap=True), summary)
    print_notes(stderr, summary)
    return 1 if summary.troubles else 0


def plan_files(
    paths: Iterable[Path],
    summary: Summary,
    acting_as: Person | None = None,
    find_zone: FindZone = lambda _: None,
    codec: str | None = None,
) -> Iterator[Plan]:
    """Make the plans of all components, in the order of the files; unreadable files become troubles."""
    for path in paths:
        try:
            calendars = read_calendars(_read_file(path), codec)
        except OSError as error:
            summary.troubles.append(f"{path} cannot be read: {error.strerror or error}")
        except UnreadableCalendarError as error:
            summary.troubles.append(f"{path} cannot be read: {error}")
        else:
            yield from plan_calendars(calendars, acting_as, find_zone)


def plan_calendars(
    calendars: list[Calendar], acting_as: Person | None = None, find_zone: FindZone = lambda _: None
) -> Iterator[Plan]:
    """Make the plans of all components of one file. A zone may be defined in any calendar of it."""
    elsewhere = index_definitions(zone for calendar in calendars for zone in calendar.zones)
    for calendar in calendars:
        zones = Zones(calendar.header.text("X-WR-TIMEZONE"), calendar.zones, elsewhere)
        for component in calendar.components:
            yield plan_component(component, calendar, zones, acting_as, find_zone)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise UnreadableCalendarError(
            f"it is larger than {_LARGEST_FILE >> 20} MiB: export fewer calendars or years into one file"
        )
    return data


def _find_codec(encoding: str) -> str:
    codec = find_codec(encoding)
    if codec is None:
        raise ImporterError("the encoding must be a text encoding, as windows-1251 or gb18030")
    return codec


def _find_person(email: str) -> Person:
    try:
        return Person(parse_email(email))
    except ValueError as error:
        raise ImporterError(
            "the organizer of events without an ORGANIZER must be an e-mail address"
        ) from error


def _make_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
