"""The vocabulary of events and the key of an e-mail address: rules that need no database.

Shared by the API and the worker (statuses), the API and the migrator (the key of an address).
"""

import unicodedata
from enum import StrEnum
from functools import lru_cache

#: How long an idempotency record counts, and is kept; an SQL interval.
KEY_LIFETIME = "24 hours"

#: RFC 5545, 3.3.8; a sequence that has come so far stays there.
HIGHEST_SEQUENCE = 2**31 - 1


class ResponseStatus(StrEnum):
    """A participant's RSVP (RFC 5545 PARTSTAT, as far as it is used here)."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class EventStatus(StrEnum):
    """The status of an event; a cancelled one stays readable."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


def email_key(email: str) -> str:
    """Return the key by which spellings of one address are equal: lower case, one form of the domain.

    The local part is lower case, not folded: folding makes ß and ss the same letter. An internationalized
    domain and its punycode are one domain, in the key as Unicode (UTS 46, non-transitional: ß and ss differ).

    Raises ValueError for a domain that is no internationalized domain name.
    """
    local, at, domain = _lower(email).rpartition("@")
    if is_international(domain):
        domain = _unify_domain(domain)
    return f"{local}{at}{domain}"


def is_international(domain: str) -> bool:
    """Return whether a domain in lower case is an internationalized one, in Unicode or in punycode."""
    return not domain.isascii() or "xn--" in domain


def _lower(text: str) -> str:
    # Lowering can take a letter apart (U+0390), so it is composed again.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


@lru_cache(maxsize=2_048)
def _unify_domain(domain: str) -> str:
    # The tables of `idna` take longer to load than most requests; few addresses need them.
    import idna

    try:
        return idna.decode(idna.encode(domain, uts46=True, transitional=False))
    except (idna.IDNAError, IndexError) as error:
        raise ValueError("is not an internationalized domain name (IDNA 2008)") from error
