"""Opaque cursors: the place after which a keyset page goes on.

A cursor holds the name of its list, and nothing but keys of the caller's own list. Whoever forges one moves
about in that list and nowhere else, since each query is bound to the caller.
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from convoke.errors import Problem, UnacceptableError
from pydantic import TypeAdapter, ValidationError


class PageRequest(NamedTuple):
    """How much of a list is asked for, and from where; `cursor` is what the client sent."""

    limit: int
    cursor: str | None


def encode_cursor(*keys: object) -> str:
    """A cursor for keys whose text reads back as the same value (the list's name, ids, instants)."""
    packed = json.dumps([str(key) for key in keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_cursor[Keys](cursor: str | None, keys: TypeAdapter[Keys]) -> Keys | None:
    """The keys in a cursor; None without one. Raises UnacceptableError for what is no cursor of this list."""
    if cursor is None:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return keys.validate_python(json.loads(packed))
    except (ValueError, ValidationError, RecursionError) as error:
        raise UnacceptableError(
            "The cursor is not one of this list.", [Problem("/cursor", "is not a cursor of this list")]
        ) from error


def cut_page[Row](
    rows: Sequence[Row], limit: int, *, key: Callable[[Row], tuple[object, ...]]
) -> tuple[Sequence[Row], str | None]:
    """The page in `rows`, of which one more than `limit` were asked for, and the cursor to what follows."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode_cursor(*key(rows[limit - 1]))
