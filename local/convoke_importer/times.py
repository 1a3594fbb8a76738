"""Read the time span of an event: DTSTART with DTEND or DURATION (RFC 5545, 3.6.1, 3.8.2)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar.prop import vDDDTypes, vDuration

from convoke_importer.api_rules import start_of_day
from convoke_importer.calendars import Component
from convoke_importer.content_lines import Property
from convoke_importer.zones import Zone, Zones, make_zone

_DATE_OR_TIME = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
_DAY = timedelta(days=1)
_MIDNIGHT = time()
#: Outlook marks times that mean dates with these.
_ALL_DAY_FLAGS = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT")
_WHOLE_DAY = "an all-day event that ends as it starts takes that day"

#: Finds the IANA zone of the organizer, None when it is unknown.
type FindOwnZone = Callable[[], str | None]


class NotUnderstoodError(ValueError):
    """The meaning of a component is not certain; the message completes "not understood: …"."""


@dataclass(frozen=True, slots=True)
class Span:
    """The start and end of an event in UTC; for an all-day event midnights in `time_zone` (IANA)."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _DateOrTime:
    """A date, or a local time in a zone."""

    value: date | datetime
    zone: Zone
    notes: tuple[str, ...] = ()

    def is_date(self) -> bool:
        return not isinstance(self.value, datetime)

    def to_utc(self) -> datetime:
        if isinstance(self.value, datetime):
            return self.value.replace(tzinfo=self.zone.tzinfo).astimezone(UTC)
        noon = datetime.combine(self.value, time(12), self.zone.tzinfo)
        # The API's own rule, for days on which the clocks skip midnight.
        return start_of_day(noon, self.zone.name).astimezone(UTC)


def read_span(event: Component, zones: Zones, find_own_zone: FindOwnZone) -> Span:
    """Return the start and end of an event. Raises NotUnderstoodError when they are not certain.

    Times and dates without a zone are those of the file, else of the organizer (RFC 5545, 3.3.5). Without
    DTEND and DURATION a timed event ends at once and an all-day one at the next midnight.
    """
    start_property = event.find("DTSTART")
    if start_property is None:
        raise NotUnderstoodError("it has no DTSTART")
    try:
        floating = _Floating(zones, find_own_zone)
        start = _read_date_or_time(start_property, zones, floating)
        end = _read_end(event, start, zones, floating)
        if any(event.text(flag).upper() == "TRUE" for flag in _ALL_DAY_FLAGS):
            start, end = _take_for_days(start, end, floating)
        starts_at, ends_at = start.to_utc(), end.to_utc()
    except OverflowError as error:
        raise NotUnderstoodError("its times lie outside of the calendar") from error
    if ends_at < starts_at:
        raise NotUnderstoodError("it ends before it starts")
    return Span(starts_at, ends_at, start.is_date(), start.zone.name, start.notes + end.notes)


class _Floating:
    """Find the zone of times without one; the organizer's is requested only for an event with such times."""

    def __init__(self, zones: Zones, find_own_zone: FindOwnZone) -> None:
        self._zones = zones
        self._find_own_zone = find_own_zone
        self._found: tuple[Zone, tuple[str, ...]] | None = None

    def find(self) -> tuple[Zone, tuple[str, ...]]:
        """Return the zone, and a note where it had to be assumed."""
        if self._found is None:
            self._found = self._look()
        return self._found

    def _look(self) -> tuple[Zone, tuple[str, ...]]:
        if self._zones.is_default_known:
            return self._zones.default, ()
        own = self._find_own_zone()
        if own is not None:
            return make_zone(own), (f"times without a zone were taken for the organizer's, {own}",)
        return self._zones.default, ("times without a zone were taken for UTC",)


def _read_date_or_time(prop: Property, zones: Zones, floating: _Floating) -> _DateOrTime:
    text = prop.value.strip().upper()
    if not _DATE_OR_TIME.fullmatch(text):
        raise NotUnderstoodError(f"its {prop.name} is not a date or date-time")
    if prop.params.get("VALUE", "").upper() == "DATE":
        # The time that some programs append has no meaning.
        text = text[:8]
    try:
        value = vDDDTypes.from_ical(text)
    except ValueError as error:
        raise NotUnderstoodError(f"its {prop.name} is a date or time that does not exist") from error
    if not isinstance(value, datetime):
        # A date without a zone is no reason for a note.
        return _DateOrTime(value, floating.find()[0])
    local = value.replace(tzinfo=None)
    if text.endswith("Z"):
        return _DateOrTime(local, _in_utc(zones.default))
    if tzid := prop.params.get("TZID", ""):
        zone = zones.find(tzid)
        return _DateOrTime(local, zone, (zone.note,) if zone.note else ())
    return _DateOrTime(local, *floating.find())


def _read_end(event: Component, start: _DateOrTime, zones: Zones, floating: _Floating) -> _DateOrTime:
    if end_property := event.find("DTEND"):
        end = _read_date_or_time(end_property, zones, floating)
        if end.is_date() != start.is_date():
            raise NotUnderstoodError("one of DTSTART and DTEND is a date and the other a time")
        if not end.is_date():
            return end
        if end.value == start.value:
            return _DateOrTime(end.value + _DAY, start.zone, (_WHOLE_DAY,))
        return _DateOrTime(end.value, start.zone)
    if duration := event.find("DURATION"):
        return _add(start, duration.value.strip().upper())
    return _DateOrTime(start.value + _DAY, start.zone) if start.is_date() else start


def _add(start: _DateOrTime, text: str) -> _DateOrTime:
    try:
        duration = vDuration.from_ical(text)
    except ValueError as error:
        raise NotUnderstoodError("its DURATION cannot be read") from error
    if start.is_date():
        if not duration:
            return _DateOrTime(start.value + _DAY, start.zone, (_WHOLE_DAY,))
        if duration % _DAY or duration < timedelta():
            raise NotUnderstoodError("its DURATION is not a number of days, as an all-day event needs")
        return _DateOrTime(start.value + duration, start.zone)
    # RFC 5545, 3.3.6: days are those of the calendar, hours are exact; they differ when the clocks change.
    exact = timedelta() if "T" not in text else timedelta(seconds=duration.seconds)
    days = timedelta(days=duration.days)
    if text.lstrip("+-").startswith("PT"):
        exact, days = duration, timedelta()
    moved = _DateOrTime(start.value + days, start.zone).to_utc() + exact
    return _DateOrTime(moved.replace(tzinfo=None), _in_utc(start.zone))


def _take_for_days(
    start: _DateOrTime, end: _DateOrTime, floating: _Floating
) -> tuple[_DateOrTime, _DateOrTime]:
    """Return the dates of an all-day event of Outlook, if it starts and ends with a day.

    In its own zone; times in UTC are read in the zone of the calendar or organizer, if a day begins there
    then.
    """
    if start.is_date():
        return start, end
    own = floating.find()[0]
    as_written = (start.value, end.value, start.zone.name)
    for first, last, name in (as_written, (_to_wall(start, own), _to_wall(end, own), own.name)):
        if _is_midnight(first) and _is_midnight(last) and first <= last:
            # The API needs midnights of an IANA zone, which is the one of this name.
            zone = make_zone(name)
            until = max(last, first + _DAY)
            return _DateOrTime(_to_date(first), zone, start.notes), _DateOrTime(
                _to_date(until), zone, end.notes
            )
    note = "an all-day event of Outlook that does not start and end at midnight was taken for its times"
    return _DateOrTime(start.value, start.zone, (*start.notes, note)), end


def _to_wall(value: _DateOrTime, zone: Zone) -> datetime:
    return value.to_utc().astimezone(zone.tzinfo).replace(tzinfo=None)


def _is_midnight(value: date) -> bool:
    return isinstance(value, datetime) and value.time() == _MIDNIGHT


def _to_date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _in_utc(shown: Zone) -> Zone:
    return Zone(shown.name, UTC)
