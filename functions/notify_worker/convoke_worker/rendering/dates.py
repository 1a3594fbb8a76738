"""Renders the time of an event: in the recipient's zone, all-day dates in the event's own."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from convoke.errors import UnrenderablePayloadError

from convoke_worker.rendering.languages.wording import Dates
from convoke_worker.rendering.payloads import Span


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone of that name; None when the zone database has none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # OSError: the name is a folder of the zone database ("Europe").
        return None


def describe_span(span: Span, zone: ZoneInfo, dates: Dates) -> str:
    """Render the whole span: a day with times, a day alone, or a range of either."""
    if span.all_day:
        first, last = _days(span)
        return dates.day(first) if first == last else dates.days(first, last)
    start, end = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    if start.utcoffset() != end.utcoffset():
        # The clocks change in between: each end is shown with its offset.
        return f"{_full(start, dates)} – {_full(end, dates)}"
    if start.date() != end.date():
        return f"{dates.bare_day(start)}, {dates.clock(start)} – {_full(end, dates)}"
    times = dates.clock(start) if _same_minute(start, end) else dates.clocks(start, end)
    return f"{dates.day(start)}, {times} ({offset_label(start)})"


def describe_start(span: Span, zone: ZoneInfo, dates: Dates) -> str:
    """Render the start alone, as it stands within a sentence."""
    if span.all_day:
        return dates.bare_day(_days(span)[0])
    start = span.starts_at.astimezone(zone)
    return f"{dates.date_time(start)} ({offset_label(start)})"


def offset_label(time: datetime) -> str:
    """Return the UTC offset as text: UTC, UTC+3, UTC-3:30."""
    offset = time.utcoffset() or timedelta()
    minutes = abs(round(offset.total_seconds() / 60))
    if not minutes:
        return "UTC"
    hours, rest = divmod(minutes, 60)
    sign = "+" if offset > timedelta() else "-"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def _days(span: Span) -> tuple[date, date]:
    # The end is the midnight after the last day (RFC 5545, 3.6.1: DTEND is not included).
    zone = find_zone(span.time_zone)
    if zone is None:
        raise UnrenderablePayloadError("the payload's time_zone is not known here")
    first, end = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    last = (end - timedelta(days=1)).date() if end.date() > first.date() else first.date()
    return first.date(), last


def _full(time: datetime, dates: Dates) -> str:
    return f"{dates.bare_day(time)}, {dates.clock(time)} ({offset_label(time)})"


def _same_minute(start: datetime, end: datetime) -> bool:
    return (start.hour, start.minute) == (end.hour, end.minute)
