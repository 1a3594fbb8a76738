"""Zones named by an offset or a display name of Windows, or with missing parts."""

from datetime import datetime, timedelta

import pytest
from convoke_importer.zone_names import find_iana_name, find_offset
from convoke_importer.zones import Zones
from unit.importer.test_zones import SAN_JOSE, define

YEARLY = "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH="
STANDARD = f"DTSTART:16011028T030000\n{YEARLY}10\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
DAYLIGHT = f"DTSTART:16010325T020000\n{YEARLY}3\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"


def zone_of(standard: str = STANDARD, daylight: str = DAYLIGHT) -> str:
    standard, daylight = (
        f"BEGIN:{kind}\n{lines}END:{kind}\n" if lines else ""
        for kind, lines in (("STANDARD", standard), ("DAYLIGHT", daylight))
    )
    return f"BEGIN:VTIMEZONE\nTZID:mine\n{standard}{daylight}END:VTIMEZONE\n"


def offset_at(text: str, *when: int) -> float:
    """Return the offset in hours of a local time in the defined zone; NaN where it is not read."""
    zone = Zones("", define(text)).find("mine")
    if not zone.note.startswith("a zone that only the file defines"):
        return float("nan")
    offset = datetime(*when, tzinfo=zone.tzinfo).utcoffset()  # type: ignore[misc,arg-type] # at least a day
    assert offset is not None
    return offset / timedelta(hours=1)


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("EUROPE/MOSCOW", "Europe/Moscow"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/citadel.org/20210210_1/europe/berlin", "Europe/Berlin"),
        ("Russian Standard Time", "Europe/Moscow"),
        ("w. europe standard time", "Europe/Berlin"),
        ("(GMT+01.00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(UTC+03:00) Moscow, St. Petersburg", "Europe/Moscow"),
        ("(GMT+03:00) Moscow/St. Petersburg/Volgograd", "Europe/Moscow"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT-08.00) Pacific Time (US & Canada)/Tijuana", "America/Los_Angeles"),
        ("(GMT) Greenwich Mean Time/Dublin/Edinburgh/London", "Europe/London"),
        ("(UTC+10:00) Brisbane", "Australia/Brisbane"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi", "Asia/Shanghai"),
        ("(UTC+05:00) Ekaterinburg", "Asia/Yekaterinburg"),
        ("Etc/GMT-3", "Etc/GMT-3"),
        # The offset in the name is not Berlin's.
        ("(UTC+07:00) Berlin", None),
    ],
)
def test_zones_are_found_by_what_programs_show(tzid: str, name: str | None) -> None:
    assert find_iana_name(tzid) == name


@pytest.mark.parametrize(
    ("tzid", "hours"),
    [
        ("GMT+0100", 1),
        ("GMT-0500", -5),
        ("UTC+3", 3),
        ("utc-03:30", -3.5),
        ("UTC\u22123", -3),
        ("(UTC+05:30) Somewhere", 5.5),
        ("(GMT+05.30)", 5.5),
        ("+0300", 3),
        ("-03:00", -3),
        ("(UTC) Coordinated Universal Time", 0),
        ("GMT+15", None),
        ("3", None),
        ("Mars+3", None),
        ("GMT+3foo", None),
        ("GMT" + " " * 300 + "+3", None),
    ],
)
def test_an_offset_in_words_is_that_offset(tzid: str, hours: float | None) -> None:
    assert find_offset(tzid) == (None if hours is None else timedelta(hours=hours))


def test_an_offset_of_whole_hours_is_shown_as_such_and_another_one_in_the_zone_of_the_file() -> None:
    zones = Zones("Asia/Tokyo", [])
    assert (zones.find("UTC+3").name, zones.find("UTC+3").note) == ("Etc/GMT-3", "")
    half = zones.find("UTC+5:30")
    assert (half.name, half.tzinfo.utcoffset(None)) == ("Asia/Tokyo", timedelta(hours=5.5))
    assert half.note == "a zone that is an offset in words: times kept, shown in Asia/Tokyo"


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ((2032, 1, 1), 1),
        ((2032, 7, 1), 2),
        # Clocks skip 2:00 to 3:00 on 28 March: the offset before.
        ((2032, 3, 28, 1, 59), 1),
        ((2032, 3, 28, 2, 30), 1),
        ((2032, 3, 28, 3, 0), 2),
        # They show 2:00 to 3:00 twice on 31 October: the first of the two.
        ((2032, 10, 31, 2, 30), 2),
        ((2032, 10, 31, 3, 0), 1),
        ((1970, 1, 1), 1),
        ((2100, 7, 1), 2),
    ],
)
def test_a_defined_zone_follows_its_rules_from_the_first_year_to_the_last(
    when: tuple[int, ...], hours: float
) -> None:
    assert offset_at(zone_of(), *when) == hours


@pytest.mark.parametrize(
    ("text", "winter", "summer"),
    [
        (zone_of(STANDARD.replace("TZOFFSETFROM:+0200\n", "")), 1, 2),
        (zone_of(STANDARD.replace("DTSTART:16011028T030000\n", "")), 1, 2),
        (zone_of(STANDARD.replace("TZOFFSETTO:+0100\n", "")), 2, 2),
        (zone_of("", DAYLIGHT), 2, 2),
        (zone_of("", "TZOFFSETTO:+0530\n"), 5.5, 5.5),
        (zone_of("TZOFFSETFROM:-0330\n", ""), -3.5, -3.5),
        # Lotus Notes, and rules by days of the month.
        (zone_of(STANDARD.replace("BYMONTH=10", "BYMINUTE=0;BYHOUR=3;BYMONTH=10")), 1, 2),
        (zone_of(STANDARD.replace("-1SU", "SU;BYMONTHDAY=25,26,27,28,29,30,31")), 1, 2),
        (zone_of(STANDARD.replace(f"{YEARLY}10", "RDATE:20311026T030000,20321031T030000")), 1, 2),
    ],
)
def test_a_part_that_is_missing_is_taken_from_what_is_there(text: str, winter: float, summer: float) -> None:
    assert [offset_at(text, 2032, month, 1) for month in (1, 7)] == [winter, summer]


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ("COUNT=3", 1),
        ("UNTIL=20291231T000000Z", 1),
        ("UNTIL=20291231", 1),
        ("UNTIL=20331231", 2),
        ("INTERVAL=2", 2),
    ],
)
def test_a_rule_may_end(rule: str, after: float) -> None:
    daylight = DAYLIGHT.replace("BYMONTH=3", f"BYMONTH=3;{rule}").replace("16010325", "20260329")
    assert offset_at(zone_of(daylight=daylight), 2032, 7, 1) == after


@pytest.mark.parametrize(
    "odd",
    [
        "BYHOUR=1,2;BYMONTH=10",
        "BYSETPOS=1;BYMONTH=10",
        "BYMONTH=13",
        "BYMONTH=x",
        "BYMONTH=10;INTERVAL=0",
        "BYMONTH=10;COUNT=-1",
        "BYMONTH=10;UNTIL=soon",
    ],
)
def test_a_rule_that_is_not_certain_leaves_the_zone_to_its_name(odd: str) -> None:
    text = zone_of(STANDARD.replace("BYMONTH=10", odd))
    assert Zones("", define(text)).find("mine").note == "an unknown time zone was taken for UTC"
    named = text.replace("TZID:mine", "TZID:UTC+4")
    assert Zones("", define(named)).find("UTC+4").name == "Etc/GMT-4"


def test_the_name_counts_more_than_a_definition_beside_it() -> None:
    text = SAN_JOSE.replace("TZID:America-SanJose", "TZID:Europe/Berlin")
    assert Zones("", define(text)).find("europe/berlin").name == "Europe/Berlin"
