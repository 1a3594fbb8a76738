"""Entity tags (RFC 9110, 8.8.3): `"<version>.<participation>"`, and the conditions that name them."""

import re
from typing import Annotated

from fastapi import Header

from convoke_api.schemas.events import Event

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


def make_etag(event: Event) -> str:
    """Changes with each change of the event, and with each of who takes part."""
    return f'"{event.version}.{event.participation}"'


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
