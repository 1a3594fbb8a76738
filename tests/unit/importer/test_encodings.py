"""Files that are not UTF-8: their text is decoded, and an assumption is noted."""

import pytest
from convoke_importer.calendars import Component, read_calendars
from convoke_importer.text_encodings import REPLACED, find_codec

#: Titles as people write them: a word or two.
TITLES = [
    *(
        ("windows-1251", each)
        for each in ("Встреча отдела", "Планёрка", "Обед", "ВСТРЕЧА", "Иван и Ёж: 1 на 1")
    ),
    *(("koi8-r", each) for each in ("Встреча отдела", "Планёрка", "обед")),
    *(("ibm866", each) for each in ("Встреча отдела", "Планёрка")),
    *(
        ("windows-1252", each)
        for each in ("Café", "Größe – „gut“", "Réunion à l’école", "Reunião de março", "à Paris")
    ),
    *(("gb18030", each) for each in ("会议", "部门会议", "关于预算的会议")),
    *(("shift_jis", each) for each in ("会議", "カフェで打ち合わせ", "定例ミーティング")),
    *(("euc-kr", each) for each in ("회의", "부서 회의")),
    *(("big5", each) for each in ("會議", "部門會議")),
]


def read(data: bytes, encoding: str | None = None) -> Component:
    (calendar,) = read_calendars(data, encoding)
    return calendar.components[0]


def event(summary: str, parameters: str = "") -> str:
    return f"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY{parameters}:{summary}\r\nEND:VEVENT\r\n"


@pytest.mark.parametrize(("encoding", "title"), TITLES)
def test_a_short_title_is_enough_to_guess_the_encoding_and_the_guess_is_noted(
    encoding: str, title: str
) -> None:
    component = read(event(title).encode(encoding))
    assert component.text("SUMMARY") == title
    assert list(component.notes) == [
        f"its text is not UTF-8 and was read as {encoding}: --encoding names another"
    ]


@pytest.mark.parametrize("encoding", ["windows-1251", "iso-8859-2", "gb2312", "iso-2022-jp", "KOI8-R"])
@pytest.mark.parametrize("quotes", ["", '"'])
def test_a_declared_encoding_is_no_guess(encoding: str, quotes: str) -> None:
    title = {"iso-8859-2": "Schůzka týmu", "gb2312": "目", "iso-2022-jp": "会議"}.get(encoding, "Обед")
    component = read(event(title, f";CHARSET={quotes}{encoding}{quotes}").encode(encoding))
    assert (component.text("SUMMARY"), component.notes) == (title, {})


def test_an_encoding_may_be_declared_before_the_calendar_or_by_the_caller() -> None:
    data = event("Schůzka").encode("iso-8859-2")
    head = b"Content-Type: text/calendar; charset=ISO-8859-2\r\n\r\n"
    assert read(head + data).text("SUMMARY") == "Schůzka"
    component = read(data, "iso8859-2")
    assert (component.text("SUMMARY"), component.notes) == ("Schůzka", {})


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_and_utf_32_are_read_with_and_without_a_byte_order_mark(encoding: str, mark: str) -> None:
    component = read((mark + event("Обед 会议")).encode(encoding))
    assert (component.text("SUMMARY"), component.notes) == ("Обед 会议", {})


def test_a_byte_order_mark_may_begin_each_calendar_of_a_file() -> None:
    data = (event("Обед") * 2).replace("BEGIN", "\ufeffBEGIN").encode()
    (calendar,) = read_calendars(data)
    assert [each.text("SUMMARY") for each in calendar.components] == ["Обед", "Обед"]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("utf-8", "Планёрка отдела"), ("windows-1251", "Планёрка отдела"), ("gb18030", "关于预算的会议")],
)
def test_lines_are_unfolded_before_they_are_decoded_in_any_encoding(encoding: str, title: str) -> None:
    said = title.encode(encoding)
    folded = b"\r\n ".join(bytes([byte]) for byte in said)
    assert read(event(title).encode(encoding).replace(said, folded)).text("SUMMARY") == title


def test_quoted_printable_is_read_with_its_soft_line_breaks() -> None:
    line = "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=D0=9E=D0=B1=\r\n=D0=B5=D0=B4=0D=0Ax\r\n"
    component = read(f"BEGIN:VEVENT\r\n{line}END:VEVENT\r\n".encode())
    assert component.text("SUMMARY") == "Обед\nx"


def test_damaged_utf_8_is_not_taken_for_another_encoding() -> None:
    component = read(event("Встреча отдел").encode().replace("л".encode(), b"\xd0"))
    assert component.text("SUMMARY") == "Встреча отде\ufffd"
    assert list(component.notes) == [REPLACED]


def test_lines_of_both_encodings_stand_in_one_file() -> None:
    data = event("Обед").encode() + event("Ужин в офисе").encode("windows-1251")
    (calendar,) = read_calendars(data)
    assert [each.text("SUMMARY") for each in calendar.components] == ["Обед", "Ужин в офисе"]


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "rot13", "zlib", "unicode_escape", "no such", "", "\x00"]
)
def test_what_is_no_encoding_of_texts_is_refused(name: str) -> None:
    assert find_codec(name) is None
