"""Decode the lines of a calendar file in any text encoding.

UTF-8 is the rule (RFC 5545, 3.1.4). Other encodings are taken from a declaration (byte order mark, CHARSET
parameter, Content-Type line before the calendar), else guessed from the lines that are not UTF-8; a guess
is noted. The guess is made here since charset-normalizer, which is made for pages, reads a title of two words
in windows-1251 as Shift_JIS: docs/decisions/0044.
"""

import codecs
import quopri
import re
from collections.abc import Iterator

from convoke_importer.encoding_guess import guess_encoding

# A fold is removed before the bytes are decoded: it may be in the middle of a character (RFC 5545, 3.1).
_FOLD = re.compile(rb"(?<!\n)\n++[ \t]")
_LINE = re.compile(rb"[^\n]+")
_UTF_8_MARK = codecs.BOM_UTF8
#: UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = {"utf-32-le": 4, "utf-32-be": 4, "utf-16-le": 2, "utf-16-be": 2}
_CHARSET = re.compile(rb"CHARSET\s*+=\s*+[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_BEGIN = re.compile(rb"BEGIN[ \t]*:", re.IGNORECASE)
#: The codecs of text encodings. Others, as punycode, are not, and some of them are slow.
_CODECS = re.compile(r"utf-8|ascii|cp\d+|iso8859-\d+|koi8-|mac-|gb|hz|big5|shift_jis|euc_|johab|tis|iso2022")
#: The bytes of lines that are not UTF-8 that a guess is made from, in all and of one line.
_SAMPLE, _SAMPLE_OF_LINE = 20_000, 400
#: Content-Type can only be before the calendar begins.
_HEAD = 2_000

REPLACED = "bytes that are not UTF-8 were replaced: name the encoding of the file with --encoding"


def decode_lines(data: bytes, encoding: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield the unfolded lines of a file that are not empty, each with a note on its encoding, or "".

    `encoding` is that of lines that are not UTF-8, when the caller has it; see `find_codec`.
    """
    data = _narrow(data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = _FOLD.sub(b"", data)
    legacy = encoding or _read_content_type(data) or guess_encoding(_sample(data))
    for line in _split(data):
        text, note = _decode(line, legacy, certain=legacy == encoding)
        if text.strip():
            yield text, note


def find_codec(name: str) -> str | None:
    """Return the codec of an encoding's name, or None when it is not a text encoding."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return codec if _CODECS.match(codec) else None


def _narrow(data: bytes) -> bytes:
    """Return the file as UTF-8 if it is UTF-16 or UTF-32, with or without a byte order mark."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace").encode()
    for encoding, width in _WIDE.items():
        place = data.find("BEGIN:".encode(encoding), 0, _HEAD)
        # At another place, it is the other byte order.
        if place >= 0 and place % width == 0:
            return data.decode(encoding, errors="replace").encode()
    return data


def _split(data: bytes) -> Iterator[bytes]:
    soft = b""
    for match in _LINE.finditer(data):
        line = match[0].removeprefix(_UTF_8_MARK)
        if soft or (line.endswith(b"=") and _is_quoted_printable(line)):
            # RFC 2045, 6.7: the line continues in the next one.
            pieces = [soft, line]
            if line.endswith(b"="):
                soft = b"".join(pieces)[:-1]
                continue
            line, soft = b"".join(pieces), b""
        yield line
    if soft:
        yield soft


def _decode(line: bytes, legacy: str | None, *, certain: bool) -> tuple[str, str]:
    head, colon, value = line.partition(b":")
    declared = None
    if b";" in head and (found := _CHARSET.search(head)):
        declared = find_codec(found[1].decode("ascii"))
    if _is_quoted_printable(line):
        value = quopri.decodestring(value).replace(b"\r\n", b"\n").replace(b"\n", b"\\n")
        line = head + colon + value
    for encoding in filter(None, (declared, "utf-8")):
        try:
            return line.decode(encoding), ""
        except ValueError:
            continue
    if legacy is None or _is_broken_utf_8(line):
        return line.decode("utf-8", errors="replace"), REPLACED
    note = "" if certain else f"its text is not UTF-8 and was read as {legacy}: --encoding names another"
    return line.decode(legacy, errors="replace"), note


def _is_quoted_printable(line: bytes) -> bool:
    head = line.partition(b":")[0]
    return b";" in head and b"QUOTED-PRINTABLE" in head.upper()


def _is_broken_utf_8(line: bytes) -> bool:
    """Return whether most non-ASCII characters are UTF-8: then some bytes are damaged, as in a cut text."""
    damaged = line.decode("utf-8", errors="replace")
    whole = sum(character > "\x7f" and character != "\ufffd" for character in damaged)
    return whole > damaged.count("\ufffd")


def _read_content_type(data: bytes) -> str | None:
    head = data[:_HEAD]
    begin = _BEGIN.search(head)
    found = _CHARSET.search(head[: begin.start()]) if begin else None
    codec = find_codec(found[1].decode("ascii")) if found else None
    return None if codec in ("utf-8", "ascii") else codec


def _sample(data: bytes) -> bytes:
    """Return the first lines that are not UTF-8."""
    if data.isascii():
        return b""
    lines: list[bytes] = []
    size = 0
    for match in _LINE.finditer(data):
        line = match[0][:_SAMPLE_OF_LINE]
        if line.isascii():
            continue
        try:
            match[0].decode("utf-8")
        except UnicodeDecodeError:
            if _is_broken_utf_8(match[0]):
                continue
            lines.append(line)
            size += len(line)
            if size >= _SAMPLE:
                break
    return b"\n".join(lines)
