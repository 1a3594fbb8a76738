"""Find the IANA zone or UTC offset that a TZID names: TZIDs are private names of the file."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_LONGEST = 200
_OFFSET = re.compile(r"([+\-\u2212\u2013])\s?(\d{1,2})(?:[:.]?([0-5]\d))?", re.ASCII)
_NAMED_OFFSET = re.compile(rf"\(?(?:UTC|GMT)\s?{_OFFSET.pattern}\)?(?:\s.*)?", re.IGNORECASE)
_BARE_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)", re.ASCII)
_NO_OFFSET = re.compile(r"\((?:UTC|GMT)\)(?:\s.*)?", re.IGNORECASE)
#: The display names of Windows, which Exchange writes: an offset, and then cities or a region.
_DISPLAY_NAME = re.compile(r"\((?:UTC|GMT)(?P<offset>[^)]{0,8})\)\s*(?P<places>.+)", re.IGNORECASE)
_PLACES = re.compile(r"[,:/&()]")
#: Places in display names of zones whose IANA name ends differently.
_REGIONS = {
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "atlantic time": "America/Halifax",
    "greenwich mean time": "Europe/London",
    "beijing": "Asia/Shanghai",
    "brasilia": "America/Sao_Paulo",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "indiana": "America/Indiana/Indianapolis",
    "central america": "America/Guatemala",
    "west central africa": "Africa/Lagos",
    "ekaterinburg": "Asia/Yekaterinburg",
    "yekaterinburg": "Asia/Yekaterinburg",
    "st. petersburg": "Europe/Moscow",
    "volgograd": "Europe/Moscow",
    "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "abu dhabi": "Asia/Dubai",
    "astana": "Asia/Almaty",
    "hanoi": "Asia/Bangkok",
    "pretoria": "Africa/Johannesburg",
    "petropavlovsk-kamchatsky": "Asia/Kamchatka",
    "wellington": "Pacific/Auckland",
}
_FURTHEST = timedelta(hours=14)
#: Offsets in names are those of standard time: one of these days is in winter, on either hemisphere.
_DAYS = (datetime(2030, 1, 15), datetime(2030, 7, 15))  # noqa: DTZ001 - local times of the zone in question


def find_iana_name(tzid: str) -> str | None:
    """Return the IANA zone that a TZID names in one of the spellings in use, or None.

    Supported are, in capitals or not, plain names, vendor prefixes
    (`/freeassociation.sourceforge.net/Europe/London`), hyphens for slashes (`US-Eastern`), spaces for
    underscores, Windows names (`W. Europe Standard Time`, CLDR) and their display names
    (`(GMT+01.00) Amsterdam, Berlin`).
    """
    tzid = tzid.strip().strip('"').strip()
    if len(tzid) > _LONGEST:
        return None
    zones = _list_zones()
    for candidate in _spell(tzid):
        if (name := zones.get(candidate.lower())) is not None:
            return name
    return _find_by_display_name(tzid)


def find_offset(tzid: str) -> timedelta | None:
    """Return the offset that a TZID contains (`GMT+0100`, `UTC+3`, `(UTC+05:30) Somewhere`), or None.

    `Etc/GMT-3`, which means the opposite, is an IANA name.
    """
    tzid = tzid.strip().strip('"').strip()
    if len(tzid) > _LONGEST:
        return None
    if _NO_OFFSET.fullmatch(tzid):
        return timedelta()
    match = _NAMED_OFFSET.fullmatch(tzid) or _BARE_OFFSET.fullmatch(tzid)
    return _read_offset(match) if match else None


def name_offset(offset: timedelta) -> str | None:
    """Return the IANA zone with this fixed offset, or None: only whole hours have one."""
    hours, rest = divmod(offset, timedelta(hours=1))
    # POSIX counts to the west: Etc/GMT-3 is three hours ahead of UTC.
    return None if rest else _list_zones().get(f"etc/gmt{-hours:+d}" if hours else "utc")


def _read_offset(match: re.Match[str]) -> timedelta | None:
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > _FURTHEST:
        return None
    return offset if match[1] == "+" else -offset


def _spell(tzid: str) -> Iterator[str]:
    yield tzid
    if (windows := _list_windows_zones().get(tzid.lower())) is not None:
        yield windows
    if tzid.upper() in ("UTC", "GMT", "Z"):
        yield "UTC"
    parts = tzid.replace(" ", "_").strip("/").split("/")
    # The longest ending first: America/Argentina/Buenos_Aires is one name.
    for start in range(len(parts)):
        ending = "/".join(parts[start:])
        # A single word is a name only when it is alone: "…/Example/Japan" is more likely a vendor's name.
        if "/" in ending or len(parts) == 1:
            yield ending
            yield ending.replace("-", "/", 1)


def _find_by_display_name(tzid: str) -> str | None:
    """Return the zone of the first known place in a display name whose standard offset matches it."""
    match = _DISPLAY_NAME.fullmatch(tzid)
    if match is None:
        return None
    written = _OFFSET.fullmatch(match["offset"].strip())
    offset = _read_offset(written) if written else timedelta()
    for part in _PLACES.split(match["places"]):
        place = part.strip().lower()
        name = _REGIONS.get(place) or _list_cities().get(place)
        if name is not None and _find_standard_offset(name) == offset:
            return name
    return None


def _find_standard_offset(name: str) -> timedelta:
    zone = ZoneInfo(name)
    return min(day.replace(tzinfo=zone).utcoffset() or timedelta() for day in _DAYS)


@cache
def _list_zones() -> dict[str, str]:
    # The package's own list: as files, `localtime` or `posix/…` exist too, depending on the machine.
    names = resources.files("tzdata").joinpath("zones").read_text("ascii").split()
    return {name.lower(): name for name in names}


@cache
def _list_cities() -> dict[str, str]:
    return {
        name.rpartition("/")[2].replace("_", " ").lower(): name
        for name in _list_zones().values()
        if "/" in name and not name.startswith("Etc/")
    }


@cache
def _list_windows_zones() -> dict[str, str]:
    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}
