"""When an event takes place: DTSTART with DTEND or DURATION (RFC 5545, 3.6.1, 3.8.2)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from convoke_api.fields import start_of_day
from icalendar.prop import vDDDTypes, vDuration

from convoke_local.importing.calendars import Component, Property
from convoke_local.importing.zones import Zone, Zones

_DATE_OR_TIME = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
_DAY = timedelta(days=1)


class NotUnderstoodError(ValueError):
    """A component that has no certain meaning; the message completes "not understood: …"."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, in UTC; for an all-day event these are midnights in `time_zone` (IANA)."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Moment:
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
        # The API's own rule, for the days whose midnight the clocks skip.
        return start_of_day(noon, self.zone.name).astimezone(UTC)


def read_span(event: Component, zones: Zones) -> Span:
    """When the event takes place. Raises NotUnderstoodError when that is not certain.

    Without DTEND and DURATION a timed event ends at once and an all-day one at the next midnight.
    """
    start_property = event.find("DTSTART")
    if start_property is None:
        raise NotUnderstoodError("it has no DTSTART")
    try:
        start = _read_moment(start_property, zones)
        end = _read_end(event, start, zones)
        starts_at, ends_at = start.to_utc(), end.to_utc()
    except OverflowError as error:
        raise NotUnderstoodError("its times lie outside of the calendar") from error
    if ends_at < starts_at:
        raise NotUnderstoodError("it ends before it starts")
    return Span(starts_at, ends_at, start.is_date(), start.zone.name, start.notes + end.notes)


def _read_moment(prop: Property, zones: Zones) -> _Moment:
    text = prop.value.strip().upper()
    if not _DATE_OR_TIME.fullmatch(text):
        raise NotUnderstoodError(f"its {prop.name} is no date or date-time")
    try:
        value = vDDDTypes.from_ical(text)
    except ValueError as error:
        raise NotUnderstoodError(f"its {prop.name} is a date or time that does not exist") from error
    if not isinstance(value, datetime):
        return _Moment(value, zones.default)
    local = value.replace(tzinfo=None)
    if text.endswith("Z"):
        return _Moment(local, _in_utc(zones.default))
    if tzid := prop.params.get("TZID", ""):
        zone = zones.find(tzid)
        return _Moment(local, zone, (zone.note,) if zone.note else ())
    assumed = () if zones.is_default_known else ("times without a zone were taken for UTC",)
    return _Moment(local, zones.default, assumed)


def _read_end(event: Component, start: _Moment, zones: Zones) -> _Moment:
    if end_property := event.find("DTEND"):
        end = _read_moment(end_property, zones)
        if end.is_date() != start.is_date():
            raise NotUnderstoodError("one of DTSTART and DTEND is a date and the other a time")
        if not end.is_date():
            return end
        if end.value == start.value:
            return _Moment(
                end.value + _DAY, start.zone, ("an all-day event that ends as it starts takes that day",)
            )
        return _Moment(end.value, start.zone)
    if duration := event.find("DURATION"):
        return _add(start, duration.value.strip().upper())
    return _Moment(start.value + _DAY, start.zone) if start.is_date() else start


def _add(start: _Moment, text: str) -> _Moment:
    try:
        duration = vDuration.from_ical(text)
    except ValueError as error:
        raise NotUnderstoodError("its DURATION cannot be read") from error
    if start.is_date():
        if duration % _DAY or duration <= timedelta():
            raise NotUnderstoodError("its DURATION is not a number of days, as an all-day event needs")
        return _Moment(start.value + duration, start.zone)
    # RFC 5545, 3.3.6: days are those of the calendar, hours are exact; they differ when the clocks change.
    exact = timedelta() if "T" not in text else timedelta(seconds=duration.seconds)
    days = timedelta(days=duration.days)
    if text.lstrip("+-").startswith("PT"):
        exact, days = duration, timedelta()
    moved = _Moment(start.value + days, start.zone).to_utc() + exact
    return _Moment(moved.replace(tzinfo=None), _in_utc(start.zone))


def _in_utc(shown: Zone) -> Zone:
    return Zone(shown.name, UTC)
