"""Which of two revisions is the later one (RFC 5546, 2.1.5): by SEQUENCE, then by DTSTAMP."""

import re
from dataclasses import dataclass

from convoke_importer.calendars import Component
from convoke_importer.contents import read_sequence

_STAMP = re.compile(r"(\d{8}T\d{6})Z?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """A revision of an event, or the revision of it that somebody answers; the later one is the greater."""

    sequence: int
    #: DTSTAMP in UTC, as in 19970611T190000. Empty when it is not known: then earlier than any that is.
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class SeenRevision:
    """The revision of an event that an import applied last."""

    revision: Revision
    #: What it made of the event's `sequence`: the API counts each visible change, SEQUENCE grows or not.
    event_sequence: int
    #: False from before the first of its changes until after the last.
    is_applied: bool = True


@dataclass(frozen=True, slots=True)
class SeenAnswer:
    """The last answer of an attendee that an import applied."""

    revision: Revision
    response_status: str


def read_revision(component: Component) -> tuple[Revision, list[str]]:
    """SEQUENCE and DTSTAMP of a component, and notes. A DTSTAMP that cannot be read is as good as none."""
    sequence, notes = read_sequence(component)
    stamp = _STAMP.fullmatch(component.text("DTSTAMP").upper())
    return Revision(sequence, stamp[1] if stamp else ""), notes
