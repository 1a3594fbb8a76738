"""Order revisions (RFC 5546, 2.1.5): by SEQUENCE, then by DTSTAMP."""

import re
from dataclasses import dataclass

from convoke_importer.calendars import Component
from convoke_importer.contents import read_sequence

_STAMP = re.compile(r"(\d{8}T\d{6})Z?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """A revision of an event, or the revision that a reply is for; the later one is the greater."""

    sequence: int
    #: DTSTAMP in UTC, as 19970611T190000. Empty when it is unknown: then earlier than any known one.
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class SeenRevision:
    """The revision of an event that an import applied last."""

    revision: Revision
    #: The event's `sequence` afterwards: the API counts each visible change, also without a new SEQUENCE.
    event_sequence: int
    #: False from before the first of its changes until after the last.
    is_applied: bool = True


@dataclass(frozen=True, slots=True)
class SeenReply:
    """The last reply of an attendee that an import applied."""

    revision: Revision
    response_status: str


def read_revision(component: Component) -> tuple[Revision, list[str]]:
    """Read SEQUENCE and DTSTAMP of a component, and notes. An unreadable DTSTAMP counts as none."""
    sequence, notes = read_sequence(component)
    stamp = _STAMP.fullmatch(component.text("DTSTAMP").upper())
    return Revision(sequence, stamp[1] if stamp else ""), notes
