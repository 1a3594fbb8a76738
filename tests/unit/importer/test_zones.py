"""The zone of a TZID."""

from datetime import datetime, timedelta

import pytest
from convoke_importer.calendars import Component, read_calendars
from convoke_importer.zones import Zones, find_iana_name

SAN_JOSE = """BEGIN:VTIMEZONE
TZID:America-SanJose
BEGIN:STANDARD
DTSTART:19671029T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:-0700
TZOFFSETTO:-0800
TZNAME:PST
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19870405T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4
TZOFFSETFROM:-0800
TZOFFSETTO:-0700
TZNAME:PDT
END:DAYLIGHT
END:VTIMEZONE
"""


def define(text: str) -> list[Component]:
    return [zone for calendar in read_calendars(text.encode()) for zone in calendar.zones]


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Europe/Moscow", "Europe/Moscow"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/London", "Europe/London"),
        ("/example.org/20250101_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("US-Eastern", "US/Eastern"),
        ("America-Chicago", "America/Chicago"),
        ("America/New York", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("utc", "UTC"),
    ],
)
def test_zones_are_found_under_the_names_in_use(tzid: str, name: str) -> None:
    assert find_iana_name(tzid) == name


@pytest.mark.parametrize(
    "tzid",
    [
        "",
        "/vendor.example/Japan",
        "America-SanJose",
        "US--Fictitious-Eastern",
        "../../etc/passwd",
        "/",
        "a/b/c",
        "Europe",
        "\x00",
    ],
)
def test_what_names_no_zone_is_none(tzid: str) -> None:
    assert find_iana_name(tzid) is None


def test_a_private_zone_is_read_as_the_file_defines_it() -> None:
    zone = Zones("", define(SAN_JOSE)).find("America-SanJose")
    offsets = [datetime(1997, month, 1, tzinfo=zone.tzinfo).utcoffset() for month in (1, 7)]
    assert offsets == [timedelta(hours=-8), timedelta(hours=-7)]
    assert (zone.name, zone.note) == ("UTC", "a zone that only the file defines: times kept, shown in UTC")


def test_a_definition_may_carry_the_iana_name() -> None:
    text = SAN_JOSE.replace("TZID:America-SanJose", "TZID:mine\nX-LIC-LOCATION:America/Los_Angeles")
    zone = Zones("", define(text)).find("mine")
    assert (zone.name, zone.note) == ("America/Los_Angeles", "")


@pytest.mark.parametrize(
    "definition",
    [
        "",
        SAN_JOSE.replace("-0700", "seven"),
        SAN_JOSE.replace("FREQ=YEARLY", "FREQ=SECONDLY"),
        SAN_JOSE.replace("END:DAYLIGHT\n", ""),
        "BEGIN:VTIMEZONE\nTZID:America-SanJose\nEND:VTIMEZONE\n",
    ],
)
def test_an_unknown_zone_is_taken_for_that_of_the_file(definition: str) -> None:
    zones = Zones("Europe/Berlin", define(definition) if definition else [])
    zone = zones.find("America-SanJose")
    assert (zone.name, zone.note) == ("Europe/Berlin", "an unknown time zone was taken for Europe/Berlin")


def test_definitions_of_one_file_do_not_reach_another() -> None:
    assert Zones("", define(SAN_JOSE)).find("America-SanJose").note.startswith("a zone that only")
    assert Zones("", []).find("America-SanJose").note == "an unknown time zone was taken for UTC"
