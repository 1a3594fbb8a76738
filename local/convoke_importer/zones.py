"""Find the time zone of a calendar's times: one of IANA, one that the file defines, or an assumed one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from convoke_importer.calendars import Component
from convoke_importer.zone_definitions import read_definition
from convoke_importer.zone_names import find_iana_name, find_offset, name_offset


@dataclass(frozen=True, slots=True)
class Zone:
    """The IANA name for the API, the `tzinfo` for local times, and a note on an assumption."""

    name: str
    tzinfo: tzinfo
    note: str = ""


class Zones:
    """Find the zones of one calendar: `default` is for times without one."""

    def __init__(
        self,
        default_tzid: str,
        definitions: Iterable[Component],
        elsewhere: Mapping[str, Component] | None = None,
    ) -> None:
        """Index the definitions of a calendar.

        `default_tzid` is X-WR-TIMEZONE, or empty; `definitions` are the calendar's VTIMEZONEs, and
        `elsewhere` those of the whole file by TZID, as from `index_definitions`.
        """
        self._definitions = index_definitions(definitions)
        self._elsewhere = elsewhere or {}
        self._found: dict[str, Zone] = {}
        name = find_iana_name(default_tzid)
        self.default = make_zone(name or "UTC")
        self.is_default_known = name is not None

    def find(self, tzid: str) -> Zone:
        """Return the zone of that TZID: IANA, else as defined in the file, else by the offset in it, else the
        default, with a note on the assumption.
        """
        if tzid not in self._found:
            self._found[tzid] = self._resolve(tzid)
        return self._found[tzid]

    def _resolve(self, tzid: str) -> Zone:
        definition = self._definitions.get(tzid.strip()) or self._elsewhere.get(tzid.strip())
        name = find_iana_name(tzid)
        if name is None and definition is not None:
            # libical and programs with it write the IANA name beside their private one.
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
    """Return the IANA zone of that name."""
    return Zone(name, ZoneInfo(name))


def index_definitions(definitions: Iterable[Component]) -> dict[str, Component]:
    """Return the VTIMEZONEs by TZID, of several the first."""
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
