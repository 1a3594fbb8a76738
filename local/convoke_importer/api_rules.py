"""Apply the API's rules for texts, addresses and days, so that no request is rejected because of them.

They repeat rules of `convoke_api`, which a client cannot import; tests/unit/importer/test_api_rules.py holds
them to it.
"""

import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from convoke.domain import email_key

# Control characters but tab and newline, surrogates, and noncharacters (Unicode 16, 23.7).
_UNTYPABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)
# The address form of the HTML standard (valid e-mail address), with RFC 6531's international addresses.
_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}")
_DOMAIN = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?(\.[^\W_]([\w-]{0,61}[^\W_])?)*", re.ASCII)
_INTERNATIONAL_MARKS = ("Mn", "Mc")
_EMAIL_LENGTH = 254


def is_typable(text: str) -> bool:
    """Return whether the API accepts all characters of a text."""
    return _UNTYPABLE.search(text) is None


def unify_line_ends(text: str) -> str:
    """Return the text with each CRLF and lone CR as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_email(value: str) -> str:
    """Return an address as it was written; raise ValueError for one that the API rejects."""
    local, _, domain = value.rpartition("@")
    well_formed = len(value) <= _EMAIL_LENGTH and _LOCAL_PART.fullmatch(local) and is_typable(local)
    if not well_formed or not (_DOMAIN.fullmatch(domain) or _may_be_international(domain)):
        raise ValueError("is not an email address")
    # Raises ValueError for a domain that is not an internationalized domain name.
    email_key(value)
    return value


def start_of_day(instant: datetime, time_zone: str) -> datetime:
    """Return the midnight at or before `instant` in a zone, in UTC; where clocks skip it, the day's start."""
    zone = ZoneInfo(time_zone)
    local = instant.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)


def _may_be_international(domain: str) -> bool:
    return not domain.isascii() and all(
        it in ".-" or it.isalnum() or unicodedata.category(it) in _INTERNATIONAL_MARKS for it in domain
    )
