"""Defines the types of values in requests. A value that passes them is safe to store.

Error details name the rule, never the value.
"""

import re
import unicodedata
from datetime import UTC, datetime
from functools import cache, partial
from importlib import resources
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from convoke.domain import HIGHEST_SEQUENCE, email_key
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

# RFC 3339, 5.6: a date-time with seconds and an offset. The standard library's parser accepts much more.
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_FIRST_YEAR, _LAST_YEAR = 1970, 2100

# Control characters except tab and newline, surrogates, and noncharacters (Unicode 16, 23.7).
_UNTYPABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)

# "Valid e-mail address" of the HTML standard, extended to RFC 6531's international addresses. Whether an
# address receives mail is verified by the identity provider.
_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}")
_DOMAIN = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?(\.[^\W_]([\w-]{0,61}[^\W_])?)*", re.ASCII)
# Combining marks belong to the letters of many scripts; the IDNA conversion checks the combinations.
_INTERNATIONAL_MARKS = ("Mn", "Mc")

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}", re.ASCII)


def unify_line_ends(value: object) -> object:
    """Return text with each CRLF and lone CR as LF; anything else unchanged."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def parse_text(value: str) -> str:
    """Return the text; raise ValueError for control characters, surrogates and noncharacters."""
    if _UNTYPABLE.search(value):
        raise ValueError("contains a control character or noncharacter")
    return value


def parse_instant(value: object) -> datetime:
    """Return an RFC 3339 date-time as an instant in UTC, to the microsecond; the year limits are in UTC."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError(
            "is not a valid date-time (RFC 3339, with an offset, for example 2026-01-31T09:00:00+03:00)"
        )
    try:
        # RFC 3339 allows lowercase letters; fromisoformat rejects a lowercase z.
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a valid date-time: no such date, time or offset") from error
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"must be in the years {_FIRST_YEAR} to {_LAST_YEAR} (UTC)")
    return instant


@cache
def _list_time_zones() -> frozenset[str]:
    # The package's own list: the files of a machine may include `localtime` or `posix/…`.
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("ascii").split())


def parse_time_zone(value: str) -> str:
    """Return the name of a time zone; raise ValueError for a name that the IANA database does not contain."""
    if value not in _list_time_zones():
        raise ValueError("is not an IANA time zone (for example Europe/Berlin)")
    return value


def parse_locale(value: str) -> str:
    """Return a language tag (BCP 47), as browsers and identity providers write it, or raise ValueError."""
    if not _LOCALE.fullmatch(value):
        raise ValueError("is not a language tag (for example ru or en-GB)")
    return value


def parse_email(value: str) -> str:
    """Return an address as it was written, or raise ValueError; `email_key` makes equal addresses equal."""
    local, _, domain = value.rpartition("@")
    well_formed = len(value) <= 254 and _LOCAL_PART.fullmatch(local) and not _UNTYPABLE.search(local)
    if not well_formed or not (_DOMAIN.fullmatch(domain) or _may_be_international(domain)):
        raise ValueError("is not a valid email address")
    try:
        email_key(value)
    except ValueError as error:
        raise ValueError(
            "has a domain that is not a valid internationalized domain name (IDNA 2008)"
        ) from error
    return value


def _may_be_international(domain: str) -> bool:
    return not domain.isascii() and all(
        it in ".-" or it.isalnum() or unicodedata.category(it) in _INTERNATIONAL_MARKS for it in domain
    )


# Lengths are those of the stored text: they are checked after line ends are unified.
_LINES = BeforeValidator(unify_line_ends)
_TYPED = AfterValidator(parse_text)
# For the OpenAPI document: the part of _UNTYPABLE that all dialects of regular expressions can express. CR is
# allowed, as a line end. ECMA 262 has no escapes for other planes without a flag.
_TYPED_SCHEMA: Any = {"pattern": r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\uFDD0-\uFDEF\uFFFE\uFFFF]*$"}
_text = partial(Field, strict=True, json_schema_extra=_TYPED_SCHEMA)

Title = Annotated[str, _text(min_length=1, max_length=200), _LINES, _TYPED]
Description = Annotated[str, _text(max_length=5_000), _LINES, _TYPED]
Location = Annotated[str, _text(max_length=500), _LINES, _TYPED]
FullName = Annotated[str, _text(min_length=1, max_length=200), _LINES, _TYPED]
#: As long as a B-tree entry allows in any script (PostgreSQL: 2,704 bytes).
Uid = Annotated[str, _text(min_length=1, max_length=500), _LINES, _TYPED]
Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "maxLength": 35, "examples": ["2027-03-01T10:00:00+03:00"]}
    ),
]
TimeZone = Annotated[
    str,
    Field(strict=True, max_length=64, examples=["Europe/Moscow"], json_schema_extra={"format": "time-zone"}),
    AfterValidator(parse_time_zone),
]
Locale = Annotated[
    str,
    Field(
        strict=True,
        min_length=2,
        max_length=35,
        examples=["ru"],
        json_schema_extra={"pattern": f"^{_LOCALE.pattern}$"},
    ),
    AfterValidator(parse_locale),
]
Email = Annotated[
    str,
    Field(strict=True, min_length=3, max_length=254, examples=["maria@example.org"]),
    AfterValidator(parse_email),
    WithJsonSchema({"type": "string", "format": "email", "minLength": 3, "maxLength": 254}),
]
SequenceNumber = Annotated[int, Field(strict=True, ge=0, le=HIGHEST_SEQUENCE)]
ReminderMinutes = Annotated[int, Field(strict=True, ge=0, le=40_320)]


def start_of_day(instant: datetime, time_zone: str) -> datetime:
    """Return the midnight at or before `instant` in a zone, or the day's first instant if clocks skip it."""
    zone = ZoneInfo(time_zone)
    local = instant.astimezone(zone)
    # In UTC, since Python compares instants of one zone by their wall clocks.
    return datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)
