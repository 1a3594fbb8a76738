"""Which time zone a time of a calendar is in: one of IANA, one that the file defines, or an assumed one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from convoke_importer.calendars import Component
from convoke_importer.zone_definitions import read_definition
from convoke_importer.zone_names import find_iana_name, find_offset, name_offset


@dataclass(frozen=True, slots=True)
class Zone:
    """The IANA name that the API takes, how to read local times, and what had to be assumed for that."""

    name: str
    tzinfo: tzinfo
    note: str = ""


class Zones:
    """The zones of one calendar: `default` is for times that name none."""

    def __init__(
        self,
        default_tzid: str,
        definitions: Iterable[Component],
        elsewhere: Mapping[str, Component] | None = None,
    ) -> None:
        """`default_tzid` is X-WR-TIMEZONE, or empty; `definitions` are the calendar's VTIMEZONEs, and
        `elsewhere` those of the whole file by TZID, as from `index_definitions`.
        """
        self._definitions = index_definitions(definitions)
        self._elsewhere = elsewhere or {}
        self._found: dict[str, Zone] = {}
        name = find_iana_name(default_tzid)
        self.default = make_zone(name or "UTC")
        self.is_default_known = name is not None

    def find(self, tzid: str) -> Zone:
        """The zone of that TZID: IANA, else as the file defines it, else by the offset that it says, else the
        default; the note says which.
        """
        if tzid not in self._found:
            self._found[tzid] = self._resolve(tzid)
        return self._found[tzid]

    def _resolve(self, tzid: str) -> Zone:
        definition = self._definitions.get(tzid.strip()) or self._elsewhere.get(tzid.strip())
        name = find_iana_name(tzid)
        if name is None and definition is not None:
            # libical and its users write the IANA name beside their private one.
            name = find_iana_name(definition.text("X-LIC-LOCATION"))
        if name is not None:
            return make_zone(name)
        assumed = self.default.name
        if definition is not None and (defined := read_definition(definition)) is not None:
            return Zone(
                assumed, defined, f"a zone that only the file defines: times kept, shown in {assumed}"
            )
        if (offset := find_offset(tzid)) is not None:
            return _make_fixed(offset, assumed)
        return Zone(assumed, self.default.tzinfo, f"an unknown time zone was taken for {assumed}")


def make_zone(name: str) -> Zone:
    """The IANA zone of that name."""
    return Zone(name, ZoneInfo(name))


def index_definitions(definitions: Iterable[Component]) -> dict[str, Component]:
    """VTIMEZONEs by TZID, of several the first."""
    found: dict[str, Component] = {}
    for each in definitions:
        found.setdefault(each.text("TZID"), each)
    return found


def _make_fixed(offset: timedelta, assumed: str) -> Zone:
    name = name_offset(offset)
    if name is not None:
        return make_zone(name)
    return Zone(
        assumed, timezone(offset), f"a zone that is an offset in words: times kept, shown in {assumed}"
    )
