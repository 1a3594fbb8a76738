"""Read iCalendar files (RFC 5545) so that a malformed component does not affect the others.

For any file, reading takes time and memory in proportion to its size: only the properties that the importer
reads are kept, and components that are nested too deeply to have a meaning are not.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from convoke_importer.content_lines import Property, parse_line
from convoke_importer.text_encodings import decode_lines

#: Components that are siblings in a calendar: the beginning of one ends another that was left open.
_MAIN_COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
_CALENDAR = "VCALENDAR"
_WORD = re.compile(r"\s*+([A-Za-z-]++)")
_DEEPEST = 8
#: Properties of which all are kept, and those of which the first is kept: a second one is ignored.
_READ_ALL = frozenset({"ATTENDEE", "RDATE"})
_READ_ONCE = frozenset({
    *("METHOD", "PRODID", "X-WR-CALNAME", "X-WR-TIMEZONE"),
    *("UID", "SEQUENCE", "DTSTAMP", "ORGANIZER", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION"),
    *("DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RECURRENCE-ID", "TRIGGER"),
    *("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT"),
    *("TZID", "X-LIC-LOCATION", "TZOFFSETFROM", "TZOFFSETTO"),
})  # fmt: skip
#: These differ in each export of the same event.
_VOLATILE = frozenset({"DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE"})
#: The API's limit is 100,000 participants.
_MOST_OF_A_NAME = 100_001
_MOST_NOTES = 20


class UnreadableCalendarError(ValueError):
    """The file contains no iCalendar component at all."""


@dataclass(slots=True)
class Component:
    """One component with its readable properties; `fault`, `broken` and `notes` describe the others."""

    kind: str
    #: The properties that the importer reads, by name.
    properties: dict[str, list[Property]] = field(default_factory=dict)
    children: list["Component"] = field(default_factory=list)
    #: The names of its own content lines that are not `name:value`, "" for those without a known name.
    broken: set[str] = field(default_factory=set)
    #: The error in its BEGIN and END lines; empty when they pair.
    fault: str = ""
    #: Assumptions and omissions in reading its lines.
    notes: dict[str, None] = field(default_factory=dict)
    _digest: int = 0

    def find(self, name: str) -> Property | None:
        """Return the first property of that name: a second one is ignored."""
        return next(self.find_all(name), None)

    def find_all(self, name: str) -> Iterator[Property]:
        """Return the properties of that name, in order."""
        return iter(self.properties.get(name, ()))

    def text(self, name: str) -> str:
        """Return the first value of that name, without surrounding space; empty when absent."""
        found = self.find(name)
        return found.value.strip() if found else ""

    def find_identity(self) -> str:
        """Return a digest of the component's lines in any order, without those of its revision."""
        return f"{self._digest:x}"

    def add(self, line: str, note: str) -> None:
        """Add a content line that is neither BEGIN nor END."""
        prop = parse_line(line)
        if prop is None:
            words = _WORD.match(line)
            name = words[1].upper() if words else ""
            self.broken.add(name if name in _READ_ONCE or name in _READ_ALL else "")
            return
        if prop.name not in _VOLATILE:
            # A sum does not depend on the order, and needs no memory.
            content = f"{prop.name};{sorted(prop.params.items())}:{prop.value}".encode("utf-8", "replace")
            self._digest += int.from_bytes(hashlib.blake2b(content, digest_size=16).digest())
        most = _MOST_OF_A_NAME if prop.name in _READ_ALL else int(prop.name in _READ_ONCE)
        if not most or len(self.properties.setdefault(prop.name, [])) >= most:
            return
        self.properties[prop.name].append(prop)
        if prop.is_damaged and len(self.notes) < _MOST_NOTES:
            where = f"{prop.name} {prop.value[:80].strip()}"
            self.notes[f"a badly written parameter of {where} was put right or left out"] = None
        if note:
            self.notes[note] = None


@dataclass(slots=True)
class Calendar:
    """A VCALENDAR, or the lines outside of any: its own properties, zones and other components."""

    header: Component
    zones: list[Component] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)


def read_calendars(data: bytes, encoding: str | None = None) -> list[Calendar]:
    """Return the calendars of a file, in order; lines between them make calendars without a header.

    Each BEGIN of a main component (events, to-dos, journals, free/busy, zones) yields exactly one component,
    however broken it is. `encoding` is as in `decode_lines`. Raises UnreadableCalendarError for a file
    without any component.
    """
    reader = _Reader()
    for line, note in decode_lines(data, encoding):
        reader.read(line, note)
    reader.close_all("the file ends before its END")
    if not any(each.header.kind or each.components or each.zones for each in reader.calendars):
        raise UnreadableCalendarError("it is not an iCalendar file: there is no BEGIN:VCALENDAR in it")
    return reader.calendars


class _Reader:
    """Read content lines one by one; keep the open components, the innermost last."""

    def __init__(self) -> None:
        self.calendars: list[Calendar] = []
        self._is_outside = True
        self._open: list[Component] = []

    def read(self, line: str, note: str) -> None:
        name, separator, value = line[:100].partition(":")
        keyword, kind = name.strip().upper(), value.strip().upper()
        if separator and keyword == "BEGIN":
            self._begin(kind)
        elif separator and keyword == "END":
            self._end(kind)
        else:
            target = self._open[-1] if self._open else self._find_calendar().header
            target.add(line, note)
            if self._open and target is not self._open[0]:
                self._open[0].notes.update(target.notes)

    def close_all(self, fault: str) -> None:
        if self._open:
            self._open[0].fault = self._open[0].fault or fault
        self._open.clear()

    def _begin(self, kind: str) -> None:
        if kind == _CALENDAR:
            self.close_all(f"BEGIN:{kind} comes before its END")
            self.calendars.append(Calendar(Component(kind)))
            self._is_outside = False
            return
        if kind in _MAIN_COMPONENTS:
            self.close_all(f"BEGIN:{kind} comes before its END")
        if len(self._open) == _DEEPEST:
            self._open[0].fault = "its components are nested too deeply"
            return
        component = Component(kind)
        if self._open:
            self._open[-1].children.append(component)
        elif kind == "VTIMEZONE":
            self._find_calendar().zones.append(component)
        else:
            self._find_calendar().components.append(component)
        self._open.append(component)

    def _end(self, kind: str) -> None:
        if kind == _CALENDAR:
            self.close_all(f"END:{kind} comes before its END")
            self._is_outside = True
            return
        kinds = [component.kind for component in self._open]
        if kind not in kinds:
            if self._open:
                self._open[0].fault = f"END:{kind} is in it without a BEGIN"
            return
        depth = len(kinds) - 1 - kinds[::-1].index(kind)
        if kinds[depth + 1 :]:
            self._open[0].fault = f"BEGIN:{kinds[-1]} is in it without an END"
        del self._open[depth:]

    def _find_calendar(self) -> Calendar:
        if self._is_outside and (not self.calendars or self.calendars[-1].header.kind):
            self.calendars.append(Calendar(Component("")))
        return self.calendars[-1]
