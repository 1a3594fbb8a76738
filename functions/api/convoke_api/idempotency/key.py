"""Parses Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header) and identifies requests by it."""

import hashlib
import re
from dataclasses import dataclass

from convoke.errors import UnacceptableError

# A bare token, or a string as in RFC 9651, 3.3.3.
_BARE = re.compile(r"[!#-\[\]-~]([ !#-\[\]-~]*[!#-\[\]-~])?")
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"')
_MAX_LENGTH = 255
#: Quoted, and each character escaped.
MAX_HEADER_LENGTH = 2 + 2 * _MAX_LENGTH

#: Headers of a response that repeats a stored result.
REPLAYED_HEADERS = {"Idempotency-Replayed": "true"}


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request's identity: two requests are the same with one scope, one key and one hash of the body."""

    scope: str
    #: None when the client sent no key: the request is then equal to no other.
    key: str | None
    request_hash: str


def identify_request(method: str, path: str, header: str | None, body: bytes) -> IdempotentRequest:
    """Return the identity of a request; raises UnacceptableError for an invalid key."""
    return IdempotentRequest(f"{method} {path}", _parse_key(header), hashlib.sha256(body).hexdigest())


def _parse_key(header: str | None) -> str | None:
    if header is None:
        return None
    quoted = _QUOTED.fullmatch(header)
    key = re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted else header
    if len(key) > _MAX_LENGTH or not (quoted or _BARE.fullmatch(header)):
        raise UnacceptableError(
            f"Idempotency-Key must be 1 to {_MAX_LENGTH} printable ASCII characters, quoted or bare."
        )
    return key
