"""Entity tags (RFC 9110, 8.8.3): `"<version>.<participation>"`, and the conditions that name them."""

import re
from typing import Annotated

from fastapi import Header

from convoke_api.schemas.events import Event

_TAG = re.compile(r'(?:W/)?("[^"]*")')

IfNoneMatch = Annotated[str | None, Header(description="Answers 304 when the event is still as it was.")]


def make_etag(event: Event) -> str:
    """Changes with each change of the event, and with each of who takes part."""
    return f'"{event.version}.{event.participation}"'


def names_etag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names the tag (weak comparison, RFC 9110, 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in _TAG.findall(header)
