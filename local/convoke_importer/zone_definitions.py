"""Read the offsets that a VTIMEZONE defines (RFC 5545, 3.6.5), also where parts of it are missing.

A definition may contain any rule, and a hostile rule can count through the seconds of centuries. Only rules
that repeat yearly are read, which suffice for all zones, for the years of the API; the number of clock
changes is limited.
"""

import calendar
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from convoke_importer.calendars import Component

_FIRST_YEAR, _LAST_YEAR = 1969, 2101
_MOST_OBSERVANCES = 500
_MOST_CHANGES = 10_000
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)(\d\d)?", re.ASCII)
_TIME = re.compile(r"(\d{8})(?:T(\d{6})Z?)?", re.ASCII)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY"}
_CLOCK = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
#: The start of an observance with a rule and without a DTSTART.
_ALWAYS = datetime(1601, 1, 1, 2)  # noqa: DTZ001 - local times of the zone
_LIMIT = timedelta(hours=24)


class _UnreadableError(ValueError):
    """The meaning of the definition is not certain."""


@dataclass(frozen=True, slots=True)
class _Observance:
    start: datetime
    before: timedelta
    after: timedelta
    rule: str
    dates: tuple[datetime, ...]


class DefinedZone(tzinfo):
    """Give the offsets of a zone as a file defines it, for local times alone.

    A time that the clocks skip has the offset before the gap; one that they show twice is the first of the
    two (RFC 5545, 3.3.5).
    """

    def __init__(self, changes: list[tuple[datetime, timedelta]], before: timedelta) -> None:
        """Take the offsets in order, each with the local time it holds from; `before` holds before all."""
        self._times = [time for time, _ in changes]
        self._offsets = [before, *(offset for _, offset in changes)]

    def utcoffset(self, when: datetime | None) -> timedelta:
        """Return the offset of a local time."""
        if when is None:
            return self._offsets[-1]
        return self._offsets[bisect_right(self._times, when.replace(tzinfo=None))]

    def dst(self, _when: datetime | None) -> timedelta | None:
        """Return None: the definition does not separate daylight saving time."""
        return None

    def tzname(self, _when: datetime | None) -> str | None:
        """Return None: names of observances are not read."""
        return None


def read_definition(definition: Component) -> DefinedZone | None:
    """Return the zone that a VTIMEZONE defines, or None when that is not certain."""
    if definition.fault:
        return None
    try:
        observances = list(_read_observances(definition))
        changes: list[tuple[datetime, timedelta, timedelta]] = []
        for observance in observances:
            for onset in _list_onsets(observance):
                changes.append((onset - observance.before, observance.before, observance.after))
                if len(changes) > _MOST_CHANGES:
                    return None
    except (ValueError, OverflowError):
        return None
    if not changes:
        return None
    changes.sort(key=lambda change: change[0])
    local: list[tuple[datetime, timedelta]] = []
    for instant, before, after in changes:
        # In wall-clock time: from the end of the gap on, or else from the first of the times shown twice.
        begun = instant + max(before, after)
        local.append((max(begun, local[-1][0]) if local else begun, after))
    return DefinedZone(local, changes[0][1])


def _read_observances(definition: Component) -> Iterator[_Observance]:
    children = [child for child in definition.children if child.kind in ("STANDARD", "DAYLIGHT")]
    if len(children) > _MOST_OBSERVANCES:
        raise _UnreadableError
    after = [_read_offset(child, "TZOFFSETTO") for child in children]
    for child, to in zip(children, after, strict=True):
        before = _read_offset(child, "TZOFFSETFROM")
        if to is None and before is None:
            continue
        # A missing offset before the change is that of the other kind, where there is one.
        others = (
            each
            for each, other in zip(after, children, strict=True)
            if each is not None and other.kind != child.kind
        )
        if to is None:
            to = next(others, before)
        if before is None:
            before = next(others, to)
        if to is None or before is None:
            continue
        begun = child.text("DTSTART")
        start = _read_time(begun) if begun else _ALWAYS
        dates = tuple(
            _read_time(each)
            for prop in child.find_all("RDATE")
            for each in prop.value.split(",", _MOST_CHANGES)
        )
        yield _Observance(start, before, to, child.text("RRULE").upper(), dates)


def _read_offset(child: Component, name: str) -> timedelta | None:
    text = child.text(name)
    if not text:
        return None
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise _UnreadableError
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    if offset >= _LIMIT:
        raise _UnreadableError
    return offset if match[1] == "+" else -offset


def _read_time(text: str) -> datetime:
    match = _TIME.fullmatch(text.strip().partition("/")[0].upper())
    if match is None:
        raise _UnreadableError
    return datetime.strptime(f"{match[1]}{match[2] or '000000'}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - local


def _list_onsets(observance: _Observance) -> Iterator[datetime]:
    """Yield the local times at which an observance begins."""
    if not observance.rule:
        yield observance.start
    yield from observance.dates
    if observance.rule:
        yield from _repeat(observance)


def _repeat(observance: _Observance) -> Iterator[datetime]:
    start = observance.start
    parts = dict(part.partition("=")[::2] for part in observance.rule.rstrip(";").split(";", 20))
    clock = {_CLOCK[name]: int(parts.pop(name)) for name in _CLOCK if name in parts}
    if not parts.keys() <= _PARTS or parts.get("FREQ") != "YEARLY":
        raise _UnreadableError
    start = datetime.combine(
        start,
        time(
            clock.get("hour", start.hour),
            clock.get("minute", start.minute),
            clock.get("second", start.second),
        ),
    )
    interval, count = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "0"))
    if interval < 1 or count < 0:
        raise _UnreadableError
    until = parts.get("UNTIL", "")
    last = _read_time(until) if until else None
    if last is not None and "T" not in until:
        last += timedelta(days=1, microseconds=-1)
    elif last is not None and until.endswith("Z"):
        last += observance.before
    year = start.year
    if not count and year < _FIRST_YEAR:
        year += (_FIRST_YEAR - year) // interval * interval
    counted = 0
    while year <= _LAST_YEAR:
        for day in _list_days(year, start, parts):
            onset = datetime.combine(day, start.time())
            if onset < start:
                continue
            counted += 1
            if (last is not None and onset > last) or (count and counted > count):
                return
            yield onset
        year += interval


def _list_days(year: int, start: datetime, parts: dict[str, str]) -> list[date]:
    """Return the days of a year that a yearly rule names."""
    if "BYDAY" in parts and "BYMONTH" not in parts:
        raise _UnreadableError
    months = [int(each) for each in parts.get("BYMONTH", str(start.month)).split(",", 12)]
    if not all(1 <= month <= 12 for month in months):
        raise _UnreadableError
    days = []
    for month in sorted(set(months)):
        length = calendar.monthrange(year, month)[1]
        wanted = parts.get("BYMONTHDAY", "" if "BYDAY" in parts else str(start.day))
        numbers = {int(each) % (length + 1) for each in wanted.split(",", 31)} if wanted else None
        weekdays = (
            [_read_weekday(each) for each in parts["BYDAY"].split(",", 7)] if "BYDAY" in parts else None
        )
        for number in range(1, length + 1):
            day = date(year, month, number)
            if numbers is not None and number not in numbers:
                continue
            if weekdays is None or any(_is_nth(day, length, *each) for each in weekdays):
                days.append(day)
    return days


def _read_weekday(text: str) -> tuple[int, int]:
    match = _WEEKDAY.fullmatch(text.strip())
    if match is None:
        raise _UnreadableError
    return int(match[1] or 0), _WEEKDAYS.index(match[2])


def _is_nth(day: date, length: int, nth: int, weekday: int) -> bool:
    if day.weekday() != weekday:
        return False
    if nth < 0:
        return (length - day.day) // 7 + 1 == -nth
    return nth in (0, (day.day - 1) // 7 + 1)
