"""Read files: every component is read, however broken its neighbours are."""

import pytest
from convoke_importer.calendars import Component, UnreadableCalendarError, read_calendars


def read_components(text: str) -> list[Component]:
    return [component for each in read_calendars(text.encode()) for component in each.components]


def test_lines_are_unfolded_and_backslashes_resolved() -> None:
    (component,) = read_components("BEGIN:VEVENT\r\nSUMMARY:Обед\\, потом\r\n  к\\nофе\r\nEND:VEVENT\r\n")
    assert component.text("SUMMARY") == "Обед, потом к\nофе"


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_any_line_end_will_do(line_end: str) -> None:
    text = line_end.join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", " 2", "END:VEVENT", "END:VCALENDAR"])
    assert [component.text("UID") for component in read_components(text)] == ["12"]


def test_parameters_keep_what_is_quoted() -> None:
    (component,) = read_components('BEGIN:VEVENT\nDTSTART;tzid="A;B:C":20270301T100000\nEND:VEVENT\n')
    (start,) = component.find_all("DTSTART")
    assert (start.params, start.value) == ({"TZID": "A;B:C"}, "20270301T100000")


def test_each_calendar_keeps_its_method_and_zones_for_itself() -> None:
    text = (
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nTZID:X\nEND:VTIMEZONE\nBEGIN:VEVENT\nEND:VEVENT\n"
        "END:VCALENDAR\nBEGIN:VEVENT\nUID:outside\nEND:VEVENT\nBEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR\n"
    )
    calendars = read_calendars(text.encode())
    assert [each.header.text("METHOD") for each in calendars] == ["REQUEST", "", "CANCEL"]
    assert [len(each.zones) for each in calendars] == [1, 0, 0]
    assert [len(each.components) for each in calendars] == [1, 1, 0]


@pytest.mark.parametrize(
    ("beginning", "fault"),
    [
        ("", "BEGIN:VEVENT comes before its END"),
        ("END:VCALENDAR", "END:VCALENDAR comes before its END"),
        ("BEGIN:VCALENDAR", "BEGIN:VCALENDAR comes before its END"),
        ("BEGIN:VALARM\nEND:VEVENT", "BEGIN:VALARM is in it without an END"),
        ("END:VALARM\nEND:VEVENT", "END:VALARM is in it without a BEGIN"),
    ],
)
def test_a_component_that_does_not_end_spoils_no_other(beginning: str, fault: str) -> None:
    first, second = read_components(f"BEGIN:VEVENT\nUID:1\n{beginning}\nBEGIN:VEVENT\nUID:2\nEND:VEVENT\n")
    assert (first.text("UID"), first.fault) == ("1", fault)
    assert (second.text("UID"), second.fault) == ("2", "")


def test_a_file_that_breaks_off_says_so_of_its_last_component() -> None:
    (component,) = read_components("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n")
    assert component.fault == "the file ends before its END"


def test_a_line_that_is_none_is_kept_apart() -> None:
    (component,) = read_components("BEGIN:VEVENT\nno colon here\nUID:1\nEND:VEVENT\n")
    assert component.broken == {""}
    assert component.text("UID") == "1"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"<html></html>", b"\x00\xff\xfe", b"UID:1\nSUMMARY:x\n"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableCalendarError, match="not an iCalendar file"):
        read_calendars(data)


def test_a_calendar_without_events_is_no_error() -> None:
    (calendar,) = read_calendars(b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    assert calendar.components == []
