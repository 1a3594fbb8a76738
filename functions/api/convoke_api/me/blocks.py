"""Blocks people: no notification of their acts is written for the caller. A block notifies nobody."""

from typing import Any, Literal
from uuid import UUID

from convoke.errors import NotAuthenticatedError, NotFoundError, Problem, UnacceptableError
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from convoke_api.me.schemas import Block
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.pagination import PageRequest, cut_page, decode_cursor
from convoke_api.web.schemas import Page

#: The number of people that one person can block.
MAX_BLOCKS = 10_000

# Serializes the blocks of one person, which are counted, and excludes a concurrent erasure.
_LOCK_CALLER = text("SELECT id FROM users WHERE id = :user_id AND erased_at IS NULL FOR NO KEY UPDATE")

_BLOCK = text(f"""
WITH found AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM users WHERE id = :blocked_id AND erased_at IS NULL) AS known,
           EXISTS (SELECT FROM blocks WHERE user_id = :user_id AND blocked_id = :blocked_id) AS blocked,
           (SELECT count(*) FROM (SELECT FROM blocks WHERE user_id = :user_id LIMIT {MAX_BLOCKS}) AS counted)
               < {MAX_BLOCKS} AS fits
),
inserted AS (
    INSERT INTO blocks (user_id, blocked_id)
    SELECT :user_id, :blocked_id FROM found WHERE known AND fits AND NOT blocked
)
SELECT CASE WHEN blocked THEN 'blocked' WHEN NOT known THEN 'unknown' WHEN NOT fits THEN 'too_many'
            ELSE 'blocked' END
FROM found
""")  # noqa: S608 - constants only

_UNBLOCK = text("DELETE FROM blocks WHERE user_id = :user_id AND blocked_id = :blocked_id")

_LIST = """
SELECT blocked_id AS user_id, created_at FROM blocks
WHERE user_id = :user_id {conditions}
ORDER BY blocked_id LIMIT :rows
"""

_KEYS = TypeAdapter(tuple[Literal["blocks"], UUID])


def list_blocks(connection: Connection, caller_id: UUID, page: PageRequest) -> Page[Block]:
    """Return a page of the people whom the caller has blocked, by id."""
    values: dict[str, Any] = {"user_id": caller_id, "rows": page.limit + 1}
    conditions = ""
    after = decode_cursor(page.cursor, _KEYS)
    if after is not None:
        conditions = "AND blocked_id > :after_id"
        _, values["after_id"] = after
    rows = connection.execute(text(_LIST.format(conditions=conditions)), values).all()
    items, next_cursor = cut_page(
        rows,
        page.limit,
        key=lambda row: ("blocks", row.user_id),
        make=Block.model_validate,
        count_text=lambda _: 0,
    )
    return Page(items=items, next_cursor=next_cursor)


def block_person(work: UnitOfWork, blocked_id: UUID) -> None:
    """Block a person; do nothing if the person is blocked already.

    Raises NotFoundError for an unknown id, UnacceptableError for the caller's own id and for too many blocks.
    """
    if blocked_id == work.caller.id:
        raise own_block_error()
    values = {"user_id": work.caller.id, "blocked_id": blocked_id}
    if work.connection.execute(_LOCK_CALLER, {"user_id": work.caller.id}).one_or_none() is None:
        raise NotAuthenticatedError
    match work.connection.execute(_BLOCK, values).scalar_one():
        case "unknown":
            raise NotFoundError
        case "too_many":
            raise too_many_blocks_error()


def unblock_person(connection: Connection, caller_id: UUID, blocked_id: UUID) -> None:
    """Remove a block; do nothing if there is none."""
    connection.execute(_UNBLOCK, {"user_id": caller_id, "blocked_id": blocked_id})


def own_block_error() -> UnacceptableError:
    """Make the error for callers who block themselves."""
    return UnacceptableError(
        "Callers cannot block themselves.", [Problem("/user_id", "is the caller's own id")]
    )


def too_many_blocks_error() -> UnacceptableError:
    """Make the error for one block more than a person may have."""
    return UnacceptableError(f"One person can block at most {MAX_BLOCKS} others.")
