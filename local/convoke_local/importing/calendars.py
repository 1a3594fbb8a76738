"""Reading iCalendar files (RFC 5545) so that one malformed component spoils no other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from icalendar.parser import Contentline, Contentlines

#: What stands in a calendar side by side: the beginning of one ends another that was left open.
_MAIN_COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
_CALENDAR = "VCALENDAR"


class UnreadableCalendarError(ValueError):
    """A file that holds no iCalendar component at all."""


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: the name in capitals, the parameters, and the value with backslashes resolved."""

    name: str
    params: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """One component with what could be read of it; `faults` say what could not."""

    kind: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)
    #: Its content lines, unfolded, with those of its children.
    lines: list[str] = field(default_factory=list)
    #: Content lines of its own that are no `name:value`.
    unreadable_lines: list[str] = field(default_factory=list)
    #: What is wrong with its BEGIN and END lines; empty when they pair.
    fault: str = ""

    def find(self, name: str) -> Property | None:
        """The first property of that name: a second one of what may stand once is disregarded."""
        return next(self.find_all(name), None)

    def find_all(self, name: str) -> Iterator[Property]:
        """The properties of that name, in order."""
        return (each for each in self.properties if each.name == name)

    def text(self, name: str) -> str:
        """The value of the first property of that name, without surrounding space; empty when absent."""
        found = self.find(name)
        return found.value.strip() if found else ""


@dataclass(slots=True)
class Calendar:
    """A VCALENDAR, or what stands outside of any: its own properties, zones and other components."""

    header: Component
    zones: list[Component] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)


def read_calendars(data: bytes) -> list[Calendar]:
    """The calendars of a file, in order; what stands between them makes calendars without a header.

    Each BEGIN of a main component (events, to-dos, journals, free/busy, zones) yields exactly one component,
    however broken it is. Bytes that are not UTF-8 become U+FFFD. Raises UnreadableCalendarError for a file
    without any component.
    """
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader()
    lines: list[Contentline] = Contentlines.from_ical(text)  # type: ignore[no-untyped-call] # it has no types
    for line in lines:
        if line:
            reader.read(line)
    reader.close_all("the file ends before its END")
    if not any(each.header.kind or each.components or each.zones for each in reader.calendars):
        raise UnreadableCalendarError("it is not an iCalendar file: there is no BEGIN:VCALENDAR in it")
    return reader.calendars


class _Reader:
    """Takes content lines one by one; keeps the components that are open, the innermost last."""

    def __init__(self) -> None:
        self.calendars: list[Calendar] = []
        self._is_outside = True
        self._open: list[Component] = []

    def read(self, line: Contentline) -> None:
        name, separator, value = line.partition(":")
        keyword, kind = name.strip().upper(), value.strip().upper()
        if separator and keyword == "BEGIN":
            self._begin(kind, line)
        elif separator and keyword == "END":
            self._end(kind, line)
        else:
            self._add(line)

    def close_all(self, fault: str) -> None:
        if self._open:
            self._open[0].fault = self._open[0].fault or fault
        self._open.clear()

    def _begin(self, kind: str, line: str) -> None:
        if kind == _CALENDAR:
            self.close_all(f"BEGIN:{kind} comes before its END")
            self.calendars.append(Calendar(Component(kind)))
            self._is_outside = False
            return
        if kind in _MAIN_COMPONENTS:
            self.close_all(f"BEGIN:{kind} comes before its END")
        component = Component(kind)
        if self._open:
            self._open[-1].children.append(component)
        elif kind == "VTIMEZONE":
            self._find_calendar().zones.append(component)
        else:
            self._find_calendar().components.append(component)
        self._open.append(component)
        self._keep(line)

    def _end(self, kind: str, line: str) -> None:
        if kind == _CALENDAR:
            self.close_all(f"END:{kind} comes before its END")
            self._is_outside = True
            return
        kinds = [component.kind for component in self._open]
        self._keep(line)
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

    def _add(self, line: Contentline) -> None:
        target = self._open[-1] if self._open else self._find_calendar().header
        self._keep(line)
        try:
            name, params, value = line.parts()
        except ValueError:
            target.unreadable_lines.append(str(line))
            return
        plain = {
            key.upper(): each if isinstance(each, str) else ",".join(each) for key, each in params.items()
        }
        target.properties.append(Property(name.upper(), plain, value))

    def _keep(self, line: str) -> None:
        if self._open:
            self._open[0].lines.append(str(line))
