"""Opaque cursors: the place after which a keyset page goes on.

A cursor holds the name of its list, and nothing but keys of the caller's own list. Whoever forges one moves
about in that list and nowhere else, since each query is bound to the caller.
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from convoke.errors import Problem, UnacceptableError
from pydantic import BaseModel, TypeAdapter, ValidationError

#: Lambda's response has 6 MB, headers included (AWS Lambda quotas: 6,291,556 bytes).
MAX_RESPONSE_BYTES = 4_000_000
# A line separator may be escaped (`count_bytes`); letters and quotation marks have four at most.
_BYTES_OF_CHARACTER = 6
# Names of fields, ids and instants.
_BYTES_OF_REST = 2_000


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


def cut_page[Row, Item: BaseModel](
    rows: Sequence[Row],
    limit: int,
    *,
    key: Callable[[Row], tuple[object, ...]],
    make: Callable[[Row], Item],
    count_text: Callable[[Row], int],
) -> tuple[list[Item], str | None]:
    """Returns the page in `rows`, of which one more than `limit` were asked for, and the cursor to the next.

    `count_text` returns how many characters of text a row holds. The page ends before `limit` where it would
    not fit into a response.
    """
    items = [make(row) for row in rows[:limit]]
    fitting = count_fitting(items, [count_text(row) for row in rows[:limit]])
    if fitting == len(rows):
        return items, None
    return items[:fitting], encode_cursor(*key(rows[fitting - 1]))


def count_fitting(items: Sequence[BaseModel], sizes: Sequence[int]) -> int:
    """Returns how many of the first items fit into MAX_RESPONSE_BYTES: one at least, if there is any.

    `sizes` are the characters or bytes of each item's texts; only where these may be too much is each item
    written as it leaves.
    """
    if _BYTES_OF_CHARACTER * sum(sizes) + _BYTES_OF_REST * len(items) <= MAX_RESPONSE_BYTES:
        return len(items)
    left = MAX_RESPONSE_BYTES
    for number, item in enumerate(items):
        left -= count_bytes(item.model_dump_json())
        if left < 0:
            return max(number, 1)
    return len(items)


def count_bytes(body: str) -> int:
    """Returns how many bytes a body has in the JSON text that Lambda's runtime makes of the response."""
    # In UTF-8; not each version of simplejson escapes line separators, to six bytes in place of three.
    escaped = body.count('"') + body.count("\\") + body.count("\n") + body.count("\r")
    return len(body.encode()) + escaped + 3 * (body.count("\u2028") + body.count("\u2029"))
