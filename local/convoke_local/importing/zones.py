"""Which IANA time zone a calendar means: TZIDs are private names of the file (RFC 5545, 3.2.19)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from convoke_api.fields import check_time_zone
from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from convoke_local.importing.calendars import Component

#: Repetitions that would have to be counted through by the hour or faster since 1970: no zone needs them.
_TOO_FREQUENT = ("FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY")


@dataclass(frozen=True, slots=True)
class Zone:
    """The IANA name that the API takes, how to read local times, and what had to be assumed for that."""

    name: str
    tzinfo: tzinfo
    note: str = ""


class Zones:
    """The zones of one calendar: `default` is for times that name none."""

    def __init__(self, default_tzid: str, definitions: Sequence[Component]) -> None:
        """`default_tzid` is X-WR-TIMEZONE, or empty; `definitions` are VTIMEZONEs, the nearest one first."""
        self._definitions = definitions
        self._found: dict[str, Zone] = {}
        name = find_iana_name(default_tzid)
        self.default = Zone(name or "UTC", ZoneInfo(name or "UTC"))
        self.is_default_known = name is not None

    def find(self, tzid: str) -> Zone:
        """The zone of that TZID: IANA, else as the file defines it, else the default; the note says which."""
        if tzid not in self._found:
            self._found[tzid] = self._resolve(tzid)
        return self._found[tzid]

    def _resolve(self, tzid: str) -> Zone:
        definition = next((each for each in self._definitions if each.text("TZID") == tzid.strip()), None)
        name = find_iana_name(tzid)
        if name is None and definition is not None:
            # libical and its users write the IANA name beside their private one.
            name = find_iana_name(definition.text("X-LIC-LOCATION"))
        if name is not None:
            return Zone(name, ZoneInfo(name))
        assumed = self.default.name
        if definition is not None and (defined := _read_definition(definition)) is not None:
            return Zone(
                assumed, defined, f"a zone that only the file defines: times kept, shown in {assumed}"
            )
        return Zone(assumed, self.default.tzinfo, f"an unknown time zone was taken for {assumed}")


def find_iana_name(tzid: str) -> str | None:
    """The IANA zone that a TZID names in one of the spellings in use, or None.

    Known are plain names, vendor prefixes (`/freeassociation.sourceforge.net/Tzfile/Europe/London`), hyphens
    for slashes (`US-Eastern`), spaces for underscores, and Windows names (`W. Europe Standard Time`, CLDR).
    """
    for candidate in _spell(tzid.strip().strip('"')):
        try:
            return check_time_zone(candidate)
        except ValueError:
            continue
    return None


def _spell(tzid: str) -> Iterator[str]:
    yield tzid
    if tzid in WINDOWS_TO_OLSON:
        yield WINDOWS_TO_OLSON[tzid]
    if tzid.upper() in ("UTC", "GMT", "Z"):
        yield "UTC"
    parts = tzid.replace(" ", "_").strip("/").split("/")
    # The longest ending first: America/Argentina/Buenos_Aires is one name.
    for start in range(len(parts)):
        ending = "/".join(parts[start:])
        # A single word is a name only by itself: "…/Example/Japan" is more likely to be the vendor's own.
        if "/" in ending or len(parts) == 1:
            yield ending
            yield ending.replace("-", "/", 1)


def _read_definition(definition: Component) -> tzinfo | None:
    """The offsets of a VTIMEZONE, or None when they cannot be read."""
    rules = [each.value.upper() for child in definition.children for each in child.find_all("RRULE")]
    if any(frequency in rule for rule in rules for frequency in _TOO_FREQUENT):
        return None
    try:
        parsed = Timezone.from_ical("\r\n".join(definition.lines) + "\r\n")
        if not isinstance(parsed, Timezone):
            return None
        zone: tzinfo = parsed.to_tz(lookup_tzid=False)
        # A definition without usable onsets shows it only when it is asked.
        zone.utcoffset(datetime(2000, 1, 1))  # noqa: DTZ001 - local time in that zone
    except Exception:  # noqa: BLE001 - the library's and dateutil's parsers raise whatever they trip over
        return None
    return zone
