"""Well-formed and malformed parameters: an unreadable one is left out."""

import pytest
from convoke_importer.content_lines import parse_line

ADDRESS = "mailto:a@example.org"


def read(params: str) -> tuple[dict[str, str], str, bool]:
    found = parse_line(f"ATTENDEE{params}:{ADDRESS}")
    assert found is not None
    return dict(found.params), found.value, found.is_damaged


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("", {}),
        (";CN=Ann", {"CN": "Ann"}),
        (';CN="Belova, Ann; boss: x";ROLE=CHAIR', {"CN": "Belova, Ann; boss: x", "ROLE": "CHAIR"}),
        (";cn=Ann;CN=Bob", {"CN": "Ann"}),
        (" ; CN = Ann ", {"CN": "Ann"}),
        (";CN=", {"CN": ""}),
        (';CN="C:\\\\"', {"CN": "C:\\\\"}),
        (";CN=^'Ann^' ^^ ^n", {"CN": '"Ann" ^ \n'}),
        (';MEMBER="mailto:x@y","mailto:z@y"', {"MEMBER": "mailto:x@y,mailto:z@y"}),
        (";", {}),
        (";;CN=Ann;;", {"CN": "Ann"}),
    ],
)
def test_parameters_are_read_and_empty_ones_are_as_if_not_there(
    params: str, expected: dict[str, str]
) -> None:
    assert read(params) == (expected, ADDRESS, False)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (';CN="Ann \\"Anya\\" B";ROLE=CHAIR', {"CN": 'Ann "Anya" B', "ROLE": "CHAIR"}),
        (';CN="A: \\"B: c; d\\" E"', {"CN": 'A: "B: c; d" E'}),
        (';CN="Ann;ROLE=CHAIR', {"CN": "Ann", "ROLE": "CHAIR"}),
        (';CN=Ann 5" nail;ROLE=CHAIR', {"CN": 'Ann 5" nail', "ROLE": "CHAIR"}),
        (';CN=Ann "Anya" B', {"CN": 'Ann "Anya" B'}),
        (";CN=Boss: Ann;ROLE=CHAIR", {"CN": "Boss: Ann", "ROLE": "CHAIR"}),
        (";ROLE", {}),
        (";=x;CN=Ann", {"CN": "Ann"}),
        (";C N=Ann;ROLE=CHAIR", {"ROLE": "CHAIR"}),
    ],
)
def test_badly_written_parameters_are_put_right_or_left_out(params: str, expected: dict[str, str]) -> None:
    found, value, is_damaged = read(params)
    assert {name: text for name, text in found.items() if expected.get(name) != text} == {}
    assert found.keys() == expected.keys()
    assert value == ADDRESS
    assert is_damaged or '"' not in params


def test_a_zone_that_holds_a_colon_needs_no_quotation_marks() -> None:
    found = parse_line("DTSTART;TZID=(UTC+10:00) Brisbane:20320601T120000")
    assert found is not None
    assert (found.params, found.value) == ({"TZID": "(UTC+10:00) Brisbane"}, "20320601T120000")


@pytest.mark.parametrize(
    "line", ["", ":x", "no colon", "DTSTART 2027", "A B_C:x", ";CN=x:y", "ATTENDEE;CN=x"]
)
def test_a_line_without_name_or_colon_is_none(line: str) -> None:
    assert parse_line(line) is None
