"""When an event is, for readers in different zones."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from convoke.errors import UnrenderablePayloadError
from convoke_worker.rendering.dates import describe_span, describe_start, find_zone, offset_label
from convoke_worker.rendering.languages import en, ru
from convoke_worker.rendering.payloads import Span

RU, EN = ru.LANGUAGE.dates, en.LANGUAGE.dates


def _span(start: str, end: str, *, zone: str = "UTC", all_day: bool = False) -> Span:
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end), all_day, zone)


@pytest.mark.parametrize(
    ("start", "end", "zone", "russian", "english"),
    [
        (
            "2026-03-05T11:30Z",
            "2026-03-05T11:30Z",
            "Europe/Moscow",
            "четверг, 5 марта 2026 г., 14:30 (UTC+3)",
            "Thursday, March 5, 2026, 2:30 PM (UTC+3)",
        ),
        (
            "2026-03-05T11:00Z",
            "2026-03-05T12:00Z",
            "UTC",
            "четверг, 5 марта 2026 г., 11:00–12:00 (UTC)",
            "Thursday, March 5, 2026, 11:00 AM – 12:00 PM (UTC)",
        ),
        (
            "2026-03-05T00:05Z",
            "2026-03-05T00:45Z",
            "UTC",
            "четверг, 5 марта 2026 г., 00:05–00:45 (UTC)",
            "Thursday, March 5, 2026, 12:05 – 12:45 AM (UTC)",
        ),
        (
            "2026-03-05T20:00Z",
            "2026-03-05T22:00Z",
            "Asia/Kathmandu",
            "пятница, 6 марта 2026 г., 01:45–03:45 (UTC+5:45)",
            "Friday, March 6, 2026, 1:45 – 3:45 AM (UTC+5:45)",
        ),
        (
            "2026-12-31T20:00Z",
            "2026-12-31T23:30Z",
            "Europe/Berlin",
            "31 декабря 2026 г., 21:00 – 1 января 2027 г., 00:30 (UTC+1)",
            "December 31, 2026, 9:00 PM – January 1, 2027, 12:30 AM (UTC+1)",
        ),
        # The night in which Berlin puts its clocks forward (2026-03-29, 02:00 → 03:00).
        (
            "2026-03-29T00:30Z",
            "2026-03-29T01:30Z",
            "Europe/Berlin",
            "29 марта 2026 г., 01:30 (UTC+1) – 29 марта 2026 г., 03:30 (UTC+2)",
            "March 29, 2026, 1:30 AM (UTC+1) – March 29, 2026, 3:30 AM (UTC+2)",
        ),
        # The night in which it puts them back (2026-10-25): the same time of day, an hour later.
        (
            "2026-10-25T00:30Z",
            "2026-10-25T01:30Z",
            "Europe/Berlin",
            "25 октября 2026 г., 02:30 (UTC+2) – 25 октября 2026 г., 02:30 (UTC+1)",
            "October 25, 2026, 2:30 AM (UTC+2) – October 25, 2026, 2:30 AM (UTC+1)",
        ),
    ],
)
def test_times_are_the_readers(start: str, end: str, zone: str, russian: str, english: str) -> None:
    span = _span(start, end)
    assert describe_span(span, ZoneInfo(zone), RU) == russian
    assert describe_span(span, ZoneInfo(zone), EN) == english


def test_the_same_hour_of_the_day_is_another_offset_in_summer() -> None:
    winter = _span("2026-03-27T09:00Z", "2026-03-27T10:00Z")
    summer = _span("2026-03-30T08:00Z", "2026-03-30T09:00Z")
    zone = ZoneInfo("Europe/Berlin")
    assert describe_span(winter, zone, RU).endswith("10:00–11:00 (UTC+1)")
    assert describe_span(summer, zone, RU).endswith("10:00–11:00 (UTC+2)")


@pytest.mark.parametrize(
    ("start", "end", "russian", "english"),
    [
        ("2026-03-05", "2026-03-06", "четверг, 5 марта 2026 г.", "Thursday, March 5, 2026"),
        ("2026-03-05", "2026-03-05", "четверг, 5 марта 2026 г.", "Thursday, March 5, 2026"),
        ("2026-03-05", "2026-03-08", "5–7 марта 2026 г.", "March 5–7, 2026"),
        ("2026-02-28", "2026-03-03", "28 февраля – 2 марта 2026 г.", "February 28 – March 2, 2026"),
        (
            "2026-12-31",
            "2027-01-02",
            "31 декабря 2026 г. – 1 января 2027 г.",
            "December 31, 2026 – January 1, 2027",
        ),
        # With the change of the clocks in between the days have 23 and 25 hours.
        ("2026-03-29", "2026-03-30", "воскресенье, 29 марта 2026 г.", "Sunday, March 29, 2026"),
        ("2026-10-25", "2026-10-26", "воскресенье, 25 октября 2026 г.", "Sunday, October 25, 2026"),
    ],
)
def test_an_all_day_event_has_the_same_dates_for_every_reader(
    start: str, end: str, russian: str, english: str
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = Span(
        datetime.fromisoformat(start).replace(tzinfo=berlin),
        datetime.fromisoformat(end).replace(tzinfo=berlin),
        True,
        "Europe/Berlin",
    )
    for reader in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"):
        assert describe_span(span, ZoneInfo(reader), RU) == russian
        assert describe_span(span, ZoneInfo(reader), EN) == english


def test_a_beginning_stands_within_a_sentence() -> None:
    span = _span("2026-03-05T11:30Z", "2026-03-06T11:30Z")
    assert describe_start(span, ZoneInfo("Europe/Moscow"), RU) == "5 марта 2026 г. в 14:30 (UTC+3)"
    assert describe_start(span, ZoneInfo("Europe/Moscow"), EN) == "March 5, 2026 at 2:30 PM (UTC+3)"
    all_day = _span("2026-03-05T00:00Z", "2026-03-06T00:00Z", all_day=True)
    assert describe_start(all_day, ZoneInfo("Asia/Tokyo"), RU) == "5 марта 2026 г."


def test_all_day_dates_need_the_zone_of_the_event() -> None:
    span = _span("2026-03-05T00:00Z", "2026-03-06T00:00Z", zone="Mars/Olympus", all_day=True)
    with pytest.raises(UnrenderablePayloadError, match="time_zone"):
        describe_span(span, ZoneInfo("UTC"), RU)


def test_the_years_that_the_api_takes_can_be_written_in_every_zone() -> None:
    for instant in ("1970-01-01T00:00Z", "2100-12-31T23:59Z"):
        span = _span(instant, instant)
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Monrovia"):
            assert describe_span(span, ZoneInfo(zone), RU)


@pytest.mark.parametrize(
    "name", ["", "Europe", "../etc/passwd", "/etc/passwd", "Mars/Olympus", "a" * 5000, "a\0b"]
)
def test_what_is_no_zone_is_not_found(name: str) -> None:
    assert find_zone(name) is None


@pytest.mark.parametrize(
    ("zone", "label"),
    [
        ("UTC", "UTC"),
        ("Europe/London", "UTC"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC-3:30"),
        ("Pacific/Kiritimati", "UTC+14"),
    ],
)
def test_offsets_are_written_as_anybody_reads_them(zone: str, label: str) -> None:
    assert offset_label(datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))) == label
