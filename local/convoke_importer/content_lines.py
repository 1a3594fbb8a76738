"""Parse content lines: `name *(";" parameter) ":" value` (RFC 5545, 3.1), also malformed ones.

An unreadable parameter is left out and noted; the line is kept. Each line takes time and memory in proportion
to its length.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from icalendar.parser.property import unescape_backslash

_NAME = re.compile(r"[A-Za-z0-9-]+")
_WELL_FORMED = re.compile(
    r"""[ \t]*+;[ \t]*+([A-Za-z0-9-]++)[ \t]*+=[ \t]*+
    ((?:"[^"]*+"|[^";:,]*+)(?:,(?:"[^"]*+"|[^";:,]*+))*+)[ \t]*+(?=[;:])""",
    re.VERBOSE,
)
#: A quoted text in which a backslash escapes the next character, as in other formats.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_PLAIN = re.compile(r'[^";:]++')
_MAILTO = re.compile(r":[ \t]*+mailto[ \t]*+:", re.IGNORECASE)
_TIME = re.compile(r":[ \t]*+\d{8}(?:T\d{6}Z?)?[ \t]*+$", re.ASCII | re.IGNORECASE)
#: Patterns of known values: a colon before them is part of a parameter without quotation marks.
_FORMS = {"ATTENDEE": _MAILTO, "ORGANIZER": _MAILTO, "DTSTART": _TIME, "DTEND": _TIME}
# RFC 6868, 3.2.
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: the name in capitals, the parameters, and the value with backslashes resolved."""

    name: str
    params: Mapping[str, str]
    value: str
    #: Whether a parameter was left out or corrected.
    is_damaged: bool = False


def _read_name(line: str) -> tuple[str, int]:
    """Return the name of a content line in capitals and its end; "" for a line without one."""
    end = next((place for place, character in enumerate(line[:_LONGEST_NAME]) if character in ":;"), 0)
    name = "".join(line[:end].split())
    return (name.upper(), end) if _NAME.fullmatch(name) else ("", 0)


def parse_line(line: str) -> Property | None:
    """Return the property of a content line, or None when it is not `name:value`."""
    name, place = _read_name(line)
    if not name:
        return None
    params: dict[str, str] = {}
    start = place
    while match := _WELL_FORMED.match(line, place):
        params.setdefault(match[1].upper(), _read_value(match[2]))
        place = match.end()
    if line.startswith(":", place) and (place == start or not _is_misplaced(name, line, place)):
        return Property(name, params, str(unescape_backslash(line[place + 1 :])))
    pieces = _split_malformed(name, line, start)
    if pieces is None:
        return None
    *written, value = pieces
    params, is_damaged = {}, False
    for each in written:
        key, equals, text = each.partition("=")
        key, text = key.strip(), text.strip()
        if equals and text and _NAME.fullmatch(key):
            params.setdefault(key.upper(), _read_value(text))
            is_damaged = is_damaged or '"' in text
        elif key or text:
            is_damaged = True
    return Property(name, params, str(unescape_backslash(value)), is_damaged)


def _is_misplaced(name: str, line: str, colon: int) -> bool:
    """Return whether the value begins later than at this colon, according to its pattern."""
    form = _FORMS.get(name)
    return form is not None and not form.match(line, colon) and form.search(line, colon) is not None


def _read_value(text: str) -> str:
    """Return a parameter's value without its quotation marks."""
    text = text.strip()
    if '","' in text:
        text = ",".join(part.strip().strip('"') for part in text.split(","))
    elif text.startswith('"'):
        text = text.removeprefix('"').removesuffix('"').replace('\\"', '"')
    return _CARET.sub(lambda match: _CARETS[match[1]], text)


def _split_malformed(name: str, line: str, start: int) -> list[str] | None:
    """Return the parameters and, last, the value of a line with malformed parameters."""
    pieces, end = _split_params(line, start)
    if end is None or _is_misplaced(name, line, end):
        # A quotation mark is missing: the others count as ordinary characters.
        form = _FORMS.get(name, _MAILTO).search(line, start)
        end = form.start() if form else line.find(":", start)
        if end < 0:
            return None
        pieces = line[start:end].split(";")
    return [*pieces, line[end + 1 :]]


def _split_params(line: str, start: int) -> tuple[list[str], int | None]:
    """Return the parameters up to the colon, and its place, None when there is none outside of quotations."""
    pieces: list[str] = []
    piece: list[str] = []
    for kind, text, place in _scan(line, start):
        if kind == "text":
            piece.append(text)
            continue
        pieces.append("".join(piece))
        piece = []
        if text == ":":
            return pieces, place
    return pieces, None


def _scan(line: str, place: int) -> Iterator[tuple[str, str, int]]:
    while place < len(line):
        if line[place] in ";:":
            yield "delimiter", line[place], place
            place += 1
            continue
        match = (_QUOTED if line[place] == '"' else _PLAIN).match(line, place)
        if match is None:
            return
        yield "text", match[0], place
        place = match.end()
