"""The words of the field: what can happen to a meeting, and the rules that need no database."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from convoke.embedding import embed

PAYLOAD_VERSION = 1

#: How long an idempotency record counts, and is kept; an SQL interval.
KEY_LIFETIME = "24 hours"

#: RFC 5545, 3.3.8; a sequence that has come so far stays there.
HIGHEST_SEQUENCE = 2**31 - 1


class NotificationType(StrEnum):
    """The facts that people are told of."""

    EVENT_INVITED = "event_invited"
    EVENT_UPDATED = "event_updated"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_REMINDER = "event_reminder"
    PARTICIPANT_RESPONDED = "participant_responded"
    PARTICIPANT_REMOVED = "participant_removed"


class ResponseStatus(StrEnum):
    """What a participant has answered (RFC 5545 PARTSTAT, as far as it is used here)."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class EventStatus(StrEnum):
    """A cancelled event stays readable."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


# Noncharacters (Unicode 16, 23.7): no text that people send can hold them.
_NAME = re.compile("\ufdd0([^\ufdd1]*)\ufdd1(\\.?)")


def mark_name(stand_in: str) -> str:
    """The place of the actor's name in a stored text, with what stands there for somebody who is gone.

    A name is filled in when the text is read, so that an erased person is in nobody's inbox.
    """
    return f"\ufdd0{stand_in}\ufdd1"


def fill_names(text: str, name: str | None) -> str:
    """A stored text with the actor's present name, or the stand-ins when there is none."""

    def fill(mark: re.Match[str]) -> str:
        shown = name or mark[1]
        # A name that ends with a full stop ends the sentence too.
        return embed(shown) if shown.endswith(".") else embed(shown) + mark[2]

    return _NAME.sub(fill, text)


def email_key(email: str) -> str:
    """Makes the key by which spellings of one address are equal: lower case, one form of the domain.

    The local part is lower case, not folded: folding makes ß and ss the same letter. An internationalized
    domain and its punycode are one domain, in the key as Unicode (UTS 46, non-transitional: ß and ss differ).

    Raises ValueError for a domain that is no internationalized domain name.
    """
    local, at, domain = _lower(email).rpartition("@")
    if is_international(domain):
        domain = _unify_domain(domain)
    return f"{local}{at}{domain}"


def is_international(domain: str) -> bool:
    """Whether a domain in lower case is an internationalized one, in Unicode or in punycode."""
    return not domain.isascii() or "xn--" in domain


def _lower(text: str) -> str:
    # Lowering can take a letter apart (U+0390), so it is composed again.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


@lru_cache(maxsize=2_048)
def _unify_domain(domain: str) -> str:
    # Its tables take longer to load than most requests; few addresses need them.
    import idna

    try:
        return idna.decode(idna.encode(domain, uts46=True, transitional=False))
    except (idna.IDNAError, IndexError) as error:
        raise ValueError("is not an internationalized domain name (IDNA 2008)") from error
