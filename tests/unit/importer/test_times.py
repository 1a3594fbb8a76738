"""The start and end of an event."""

import pytest
from convoke_importer.calendars import read_calendars
from convoke_importer.command import plan_calendars
from convoke_importer.plans import Create
from unit.importer.calendar_text import calendar, event, find_skip_reason, plan_creation

UTC_NOTE = "times without a zone were taken for UTC"


def read_times(*lines: str, zone: str = "", **changes: str | None) -> tuple[str, str, bool, str]:
    header = {"X_WR_TIMEZONE": zone} if zone else {}
    request = plan_creation(calendar(event(*lines, **changes), **header)).request
    return request["starts_at"], request["ends_at"], request["all_day"], request["time_zone"]


@pytest.mark.parametrize(
    ("start", "instant", "zone"),
    [
        (":20270301T100000Z", "2027-03-01T10:00:00+00:00", "UTC"),
        (";TZID=Europe/Moscow:20270301T100000", "2027-03-01T07:00:00+00:00", "Europe/Moscow"),
        (";TZID=Europe/Berlin:20270701T100000", "2027-07-01T08:00:00+00:00", "Europe/Berlin"),
        (";TZID=Europe/Berlin:20270301T100000Z", "2027-03-01T10:00:00+00:00", "UTC"),
        (";VALUE=DATE-TIME:20270301T100000Z", "2027-03-01T10:00:00+00:00", "UTC"),
    ],
)
def test_a_start_is_an_instant_and_a_zone_to_show_it_in(start: str, instant: str, zone: str) -> None:
    assert read_times(DTSTART=start) == (instant, instant, False, zone)


def test_a_time_in_utc_is_shown_in_the_zone_of_the_file() -> None:
    assert read_times(zone="Asia/Tokyo", DTSTART=":20270301T100000Z")[::3] == (
        "2027-03-01T10:00:00+00:00",
        "Asia/Tokyo",
    )


def test_a_time_without_a_zone_is_read_in_that_of_the_file() -> None:
    plan = plan_creation(calendar(event(DTSTART=":20270301T100000"), X_WR_TIMEZONE="Europe/Moscow"))
    assert plan.request["starts_at"] == "2027-03-01T07:00:00+00:00"
    assert plan.notes == ()


def test_a_time_without_any_zone_is_read_in_utc_and_said_so() -> None:
    plan = plan_creation(calendar(event(DTSTART=":20270301T100000")))
    assert plan.request["starts_at"] == "2027-03-01T10:00:00+00:00"
    assert plan.notes == ("times without a zone were taken for UTC",)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["DTEND:20270301T113000Z"], "2027-03-01T11:30:00+00:00"),
        (["DTEND;TZID=Europe/Moscow:20270301T133000"], "2027-03-01T10:30:00+00:00"),
        (["DURATION:PT1H30M"], "2027-03-01T11:30:00+00:00"),
        (["DURATION:P1DT1H"], "2027-03-02T11:00:00+00:00"),
        (["DURATION:P2W"], "2027-03-15T10:00:00+00:00"),
        ([], "2027-03-01T10:00:00+00:00"),
    ],
)
def test_an_event_ends_by_its_end_its_duration_or_at_once(lines: list[str], end: str) -> None:
    assert read_times(*lines)[1] == end


@pytest.mark.parametrize(
    ("duration", "end"),
    # Clocks in Berlin go forward on 28 March 2027 at 2:00.
    [("P1D", "2027-03-28T10:00:00+00:00"), ("PT24H", "2027-03-28T11:00:00+00:00")],
)
def test_days_follow_the_calendar_and_hours_the_clock(duration: str, end: str) -> None:
    times = read_times(f"DURATION:{duration}", DTSTART=";TZID=Europe/Berlin:20270327T120000")
    assert times[:2] == ("2027-03-27T11:00:00+00:00", end)


@pytest.mark.parametrize("start", [";VALUE=DATE:20270301", ":20270301"])
@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ([], "2027-03-01T21:00:00+00:00"),
        (["DTEND;VALUE=DATE:20270303"], "2027-03-02T21:00:00+00:00"),
        (["DURATION:P3D"], "2027-03-03T21:00:00+00:00"),
    ],
)
def test_a_date_is_a_whole_day_in_the_zone_of_the_file(start: str, lines: list[str], end: str) -> None:
    assert read_times(*lines, zone="Europe/Moscow", DTSTART=start) == (
        "2027-02-28T21:00:00+00:00",
        end,
        True,
        "Europe/Moscow",
    )


def test_a_whole_day_without_any_zone_is_one_of_utc() -> None:
    assert read_times(DTSTART=";VALUE=DATE:20270301") == (
        "2027-03-01T00:00:00+00:00",
        "2027-03-02T00:00:00+00:00",
        True,
        "UTC",
    )


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_a_time_or_date_without_a_zone_is_the_organizer_s_when_the_file_has_none(zone: str | None) -> None:
    plans = [
        next(plan_calendars(read_calendars(calendar(event(DTSTART=start)).encode()), None, lambda _: zone))
        for start in (":20270301T100000", ";VALUE=DATE:20270301", ":20270301T100000Z")
    ]
    read = [
        (plan.request["starts_at"], plan.request["time_zone"]) for plan in plans if isinstance(plan, Create)
    ]
    if zone:
        assert read[:2] == [("2027-03-01T01:00:00+00:00", zone), ("2027-02-28T15:00:00+00:00", zone)]
    assert read[2] == ("2027-03-01T10:00:00+00:00", "UTC")
    assert [plan.notes for plan in plans if isinstance(plan, Create)] == [
        (f"times without a zone were taken for the organizer's, {zone}",) if zone else (UTC_NOTE,),
        (),
        (),
    ]


@pytest.mark.parametrize(
    "start", [";VALUE=DATE:20270301T235959", ";VALUE=DATE;TZID=Asia/Tokyo:20270301T000000Z"]
)
def test_of_a_date_with_a_time_the_date_counts(start: str) -> None:
    lines = ["DTEND;VALUE=DATE:20270302T000000"]
    assert read_times(*lines, DTSTART=start)[:3] == (
        "2027-03-01T00:00:00+00:00",
        "2027-03-02T00:00:00+00:00",
        True,
    )


@pytest.mark.parametrize(
    ("start", "lines", "expected"),
    [
        # As written, in its own zone.
        (
            ";TZID=Europe/Berlin:20270301T000000",
            ["DTEND;TZID=Europe/Berlin:20270303T000000"],
            ("2027-02-28T23:00:00+00:00", "2027-03-02T23:00:00+00:00", True, "Europe/Berlin"),
        ),
        # In UTC, at midnights of the calendar's zone.
        (
            ":20270228T210000Z",
            ["DTEND:20270301T210000Z"],
            ("2027-02-28T21:00:00+00:00", "2027-03-01T21:00:00+00:00", True, "Europe/Moscow"),
        ),
        # Without an end.
        (
            ":20270301T000000",
            [],
            ("2027-02-28T21:00:00+00:00", "2027-03-01T21:00:00+00:00", True, "Europe/Moscow"),
        ),
        # Not at midnight: its times.
        (
            ":20270301T000000",
            ["DTEND:20270301T120000"],
            ("2027-02-28T21:00:00+00:00", "2027-03-01T09:00:00+00:00", False, "Europe/Moscow"),
        ),
        # A date anyway.
        (
            ";VALUE=DATE:20270301",
            [],
            ("2027-02-28T21:00:00+00:00", "2027-03-01T21:00:00+00:00", True, "Europe/Moscow"),
        ),
    ],
)
@pytest.mark.parametrize(
    "flag", ["X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT:true"]
)
def test_an_all_day_event_of_outlook_is_one_of_days(
    start: str, lines: list[str], expected: tuple[str, str, bool, str], flag: str
) -> None:
    assert read_times(flag, *lines, zone="Europe/Moscow", DTSTART=start) == expected


@pytest.mark.parametrize("duration", ["PT0S", "P0D"])
def test_a_whole_day_of_no_duration_takes_that_day(duration: str) -> None:
    plan = plan_creation(calendar(event(f"DURATION:{duration}", DTSTART=";VALUE=DATE:20270301")))
    assert plan.request["ends_at"] == "2027-03-02T00:00:00+00:00"
    assert plan.notes == ("an all-day event that ends as it starts takes that day",)


def test_a_whole_day_that_ends_as_it_starts_takes_that_day() -> None:
    plan = plan_creation(calendar(event("DTEND;VALUE=DATE:20270301", DTSTART=";VALUE=DATE:20270301")))
    assert plan.request["ends_at"] == "2027-03-02T00:00:00+00:00"
    assert plan.notes == ("an all-day event that ends as it starts takes that day",)


def test_a_day_whose_midnight_the_clocks_skip_starts_with_its_first_instant() -> None:
    # São Paulo went from 0:00 to 1:00 on 4 November 2018.
    times = read_times(zone="America/Sao_Paulo", DTSTART=";VALUE=DATE:20181104")
    assert times[:2] == ("2018-11-04T03:00:00+00:00", "2018-11-05T02:00:00+00:00")


@pytest.mark.parametrize(
    ("lines", "start", "reason"),
    [
        ([], None, "it has no DTSTART"),
        ([], ":", "its DTSTART is not a date or date-time"),
        ([], ":tomorrow", "its DTSTART is not a date or date-time"),
        ([], ":20270301T1000Z", "its DTSTART is not a date or date-time"),
        ([], ":20270230", "its DTSTART is a date or time that does not exist"),
        ([], ":20270301T250000Z", "its DTSTART is a date or time that does not exist"),
        ([], ":00010101", "it"),
        (["DTEND:20270301T10300Z"], ":20270301T100000Z", "its DTEND is not a date or date-time"),
        (["DTEND:20270301T090000Z"], ":20270301T100000Z", "it ends before it starts"),
        (["DTEND;VALUE=DATE:20270228"], ";VALUE=DATE:20270301", "it ends before it starts"),
        (["DTEND;VALUE=DATE:20270302"], ":20270301T100000Z", "one of DTSTART and DTEND is a date"),
        (["DURATION:-PT1H"], ":20270301T100000Z", "it ends before it starts"),
        (["DURATION:an hour"], ":20270301T100000Z", "its DURATION cannot be read"),
        (["DURATION:P999999999W"], ":20270301T100000Z", "its DURATION cannot be read"),
        (["DURATION:P999999W"], ":20270301T100000Z", "its times lie outside of the calendar"),
        (["DURATION:PT1H"], ";VALUE=DATE:20270301", "its DURATION is not a number of days"),
    ],
)
def test_times_that_are_not_certain_are_not_guessed(lines: list[str], start: str | None, reason: str) -> None:
    zone = {"X_WR_TIMEZONE": "Asia/Tokyo"}
    assert find_skip_reason(calendar(event(*lines, DTSTART=start), **zone)).startswith(
        f"not understood: {reason}"
    )
