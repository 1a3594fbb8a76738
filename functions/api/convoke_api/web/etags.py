"""Entity tags (RFC 9110, 8.8.3), `"<version>.<rest>"`, and the conditions that name them.

The rest is a hash of the representation: it changes with everything that the response shows
(docs/decisions/0047).
"""

import hashlib
import re
from typing import Annotated

from fastapi import Header, Response

#: 80 bits: two states of one event do not share a tag by chance.
_DIGITS = 20
_TAG = re.compile(r'(W/)?("[^"]*")')

#: Room for a list of some dozen tags.
MAX_CONDITION_LENGTH = 1_000

IfMatch = Annotated[
    str | None,
    Header(max_length=MAX_CONDITION_LENGTH, description="Returns 412 when the event has another version."),
]
IfNoneMatch = Annotated[
    str | None,
    Header(max_length=MAX_CONDITION_LENGTH, description="Returns 304 when the event is unchanged."),
]


def make_etag(version: int, *representation: bytes) -> str:
    """Make the tag of a representation, given as its bytes or as everything that it is made of."""
    digest = hashlib.sha256()
    for part in representation:
        digest.update(part)
    return f'"{version}.{digest.hexdigest()[:_DIGITS]}"'


def make_tagged_response(
    body: bytes,
    version: int,
    status: int = 200,
    *,
    if_none_match: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Make the response of a JSON body and its tag; 304 without the body if If-None-Match names the tag."""
    etag = make_etag(version, body)
    if names_etag(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, status, {"ETag": etag, **(headers or {})}, "application/json")


def names_etag(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header names the tag (weak comparison, RFC 9110, 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or any(tag == etag for _, tag in _TAG.findall(header))


def parse_if_match(header: str | None) -> frozenset[str] | None:
    """Return the versions that an If-Match header allows (strong comparison, RFC 9110, 13.1.1); None for all.

    Only the version part of a tag counts: RSVPs and participants do not change the event's version.
    """
    if header is None or header.strip() == "*":
        return None
    return frozenset(tag.strip('"').partition(".")[0] for weak, tag in _TAG.findall(header) if not weak)
