"""Encodes and decodes opaque cursors of keyset pages, and limits pages to the size of a response.

A cursor contains the name of its list and keys of the caller's own list, nothing else. A forged cursor
reaches only that list, since each query is bound to the caller.
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from convoke.errors import Problem, UnacceptableError
from pydantic import BaseModel, TypeAdapter, ValidationError

#: Lambda's response has 6 MB, headers included (AWS Lambda quotas: 6,291,556 bytes).
MAX_RESPONSE_BYTES = 4_000_000
# A line separator may be escaped (`count_bytes`); letters and quotation marks take four bytes at most.
_MAX_BYTES_OF_CHARACTER = 6
# Field names, ids and times of an item.
_MAX_BYTES_BESIDE_TEXT = 2_000


class PageRequest(NamedTuple):
    """The requested page: its limit, and the cursor as the client sent it."""

    limit: int
    cursor: str | None


def encode_cursor(*keys: object) -> str:
    """Make a cursor of keys whose text parses to the same value (the list's name, ids, instants)."""
    packed = json.dumps([str(key) for key in keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_cursor[Keys](cursor: str | None, keys: TypeAdapter[Keys]) -> Keys | None:
    """Return the keys in a cursor, None without one; raise UnacceptableError for a cursor of another list."""
    if cursor is None:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return keys.validate_python(json.loads(packed))
    except (ValueError, ValidationError, RecursionError) as error:
        raise UnacceptableError(
            "The cursor is not valid for this list.", [Problem("/cursor", "is not a cursor of this list")]
        ) from error


def cut_page[Row, Item: BaseModel](
    rows: Sequence[Row],
    limit: int,
    *,
    key: Callable[[Row], tuple[object, ...]],
    make: Callable[[Row], Item],
    count_text: Callable[[Row], int],
) -> tuple[list[Item], str | None]:
    """Return the items of a page and the cursor of the next one; `rows` has up to `limit` + 1 rows.

    `count_text` returns the number of characters in a row's texts. The page has fewer than `limit` items
    if more would not fit into a response.
    """
    items = [make(row) for row in rows[:limit]]
    fitting = count_fitting(items, [count_text(row) for row in rows[:limit]])
    if fitting == len(rows):
        return items, None
    return items[:fitting], encode_cursor(*key(rows[fitting - 1]))


def count_fitting(items: Sequence[BaseModel], sizes: Sequence[int]) -> int:
    """Return how many of the first items fit into MAX_RESPONSE_BYTES, at least one of a list with items.

    `sizes` are the characters or bytes of each item's texts. Items are serialized to measure them only if
    these sizes may be too large.
    """
    if _MAX_BYTES_OF_CHARACTER * sum(sizes) + _MAX_BYTES_BESIDE_TEXT * len(items) <= MAX_RESPONSE_BYTES:
        return len(items)
    left = MAX_RESPONSE_BYTES
    for number, item in enumerate(items):
        left -= count_bytes(item.model_dump_json())
        if left < 0:
            return max(number, 1)
    return len(items)


def count_bytes(body: str) -> int:
    """Return the size of a body within the JSON text that Lambda's runtime makes of the response."""
    # In UTF-8; some versions of simplejson escape line separators, to six bytes instead of three.
    escaped = body.count('"') + body.count("\\") + body.count("\n") + body.count("\r")
    return len(body.encode()) + escaped + 3 * (body.count("\u2028") + body.count("\u2029"))
