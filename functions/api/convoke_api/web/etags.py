"""Entity tags (RFC 9110, 8.8.3): `"<version>.<rest>"`, and the conditions that name them.

The rest is a hash of the representation: it changes with all that is shown (docs/decisions/0047).
"""

import hashlib
import re
from typing import Annotated

from fastapi import Header, Response
from pydantic import TypeAdapter

from convoke_api.events.schemas import Event

#: 80 bits: two states of one event never share them by chance.
_DIGITS = 20
_TAG = re.compile(r'(W/)?("[^"]*")')

#: A list of some dozen tags.
LONGEST_CONDITION = 1_000

IfMatch = Annotated[
    str | None,
    Header(max_length=LONGEST_CONDITION, description="Answers 412 when the event has another version."),
]
IfNoneMatch = Annotated[
    str | None,
    Header(max_length=LONGEST_CONDITION, description="Answers 304 when the event is still as it was."),
]


_EVENT = TypeAdapter(Event)


def make_etag(version: int, *representation: bytes) -> str:
    """The tag of an event's representation, given as its bytes or as all that they are made of."""
    digest = hashlib.sha256()
    for part in representation:
        digest.update(part)
    return f'"{version}.{digest.hexdigest()[:_DIGITS]}"'


def render_event(event: Event) -> bytes:
    """The event as JSON: what is tagged is what is sent."""
    return _EVENT.dump_json(event)


def make_event_response(
    event: Event,
    *,
    status: int = 200,
    if_none_match: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The event with its tag; 304 without a body when If-None-Match names it."""
    body = render_event(event)
    etag = make_etag(event.version, body)
    if names_etag(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, status, {"ETag": etag, **(headers or {})}, "application/json")


def names_etag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names the tag (weak comparison, RFC 9110, 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or any(tag == etag for _, tag in _TAG.findall(header))


def names_version(header: str | None, version: int) -> bool:
    """Whether an If-Match header allows this version (strong comparison, RFC 9110, 13.1.1).

    Only the version part of a tag counts: answers and participants are no versions of the event.
    """
    if header is None or header.strip() == "*":
        return True
    return any(
        not weak and tag.strip('"').partition(".")[0] == str(version) for weak, tag in _TAG.findall(header)
    )
