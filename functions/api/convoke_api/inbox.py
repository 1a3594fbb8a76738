"""The inbox: one person's notifications, newest fact first."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from convoke.domain import NotificationType, fill_names
from convoke.errors import NotFoundError
from pydantic import TypeAdapter
from sqlalchemy import Connection, TextClause, text

from convoke_api.cursors import PageRequest, cut_page, decode_cursor
from convoke_api.schemas.inbox import Inbox, Notification, UnreadCount
from convoke_api.visibility import verified_email

#: Counting stops here: exact up to 99, and "more than that" costs no more.
_COUNT_LIMIT = 100

_COLUMNS = f"""
notification.id, notification.type, notification.event_id, notification.title, notification.message,
notification.actor_id, coalesce(actor.full_name, {verified_email("actor")}) AS actor_name,
notification.created_at, notification.read_at
"""

_UNREAD_COUNT = """
SELECT count(*) FROM (
    SELECT FROM notifications WHERE user_id = :user_id AND read_at IS NULL LIMIT :count_limit
) AS unread
"""

# One value: the driver takes twenty rows of nine columns apart in half the time of the whole request.
_LIST = """
SELECT ({count}) AS unread_count, (
    SELECT coalesce(json_agg(page), '[]')
    FROM (
        SELECT {columns}
        FROM notifications AS notification LEFT JOIN users AS actor ON actor.id = notification.actor_id
        WHERE notification.user_id = :user_id {conditions}
        ORDER BY notification.id DESC LIMIT :rows
    ) AS page
) AS page
"""

_MARK = text(f"""
WITH notification AS (
    UPDATE notifications SET read_at = CASE WHEN :read THEN coalesce(read_at, now()) END
    WHERE user_id = :user_id AND id = :id
    RETURNING *
)
SELECT {_COLUMNS} FROM notification LEFT JOIN users AS actor ON actor.id = notification.actor_id
""")  # noqa: S608 - constants only

# Locked in the order of the key: two of these at once cannot wait for each other.
_READ_ALL = """
WITH unread AS MATERIALIZED (
    SELECT id FROM notifications
    WHERE user_id = :user_id AND read_at IS NULL {conditions}
    ORDER BY id FOR UPDATE
)
UPDATE notifications SET read_at = now()
FROM unread
WHERE notifications.user_id = :user_id AND notifications.id = unread.id
"""

_COUNT = text(_UNREAD_COUNT).execution_options(prepared=True)

_DELETE = text("DELETE FROM notifications WHERE user_id = :user_id AND id = :id")

_KEYS = TypeAdapter(tuple[Literal["notifications"], UUID])


def list_notifications(
    connection: Connection,
    user_id: UUID,
    page: PageRequest,
    *,
    unread: bool | None,
    of_type: NotificationType | None,
) -> Inbox:
    """A page of the inbox with the unread count; `unread` true or false keeps only those."""
    values: dict[str, Any] = {"user_id": user_id, "rows": page.limit + 1, "count_limit": _COUNT_LIMIT}
    conditions = ""
    if unread is not None:
        # Spelled out, not bound: so the partial index serves it.
        conditions += f" AND notification.read_at IS {'' if unread else 'NOT '}NULL"
    if of_type is not None:
        conditions += " AND notification.type = :type"
        values["type"] = of_type.value
    before = decode_cursor(page.cursor, _KEYS)
    if before is not None:
        conditions += " AND notification.id < :before_id"
        _, values["before_id"] = before
    row = connection.execute(_select_page(conditions), values).one()
    shown, next_cursor = cut_page(row.page, page.limit, key=lambda fields: ("notifications", fields["id"]))
    count = _make_count(row.unread_count)
    return Inbox.model_validate(
        {
            "items": [_describe_notification(fields) for fields in shown],
            "next_cursor": next_cursor,
            "unread_count": count.unread_count,
            "capped": count.capped,
        }
    )


def count_unread(connection: Connection, user_id: UUID) -> UnreadCount:
    """How many are unread, exact up to 99."""
    values = {"user_id": user_id, "count_limit": _COUNT_LIMIT}
    return _make_count(connection.execute(_COUNT, values).scalar_one())


def mark_notification(
    connection: Connection, user_id: UUID, notification_id: UUID, *, read: bool
) -> Notification:
    """Mark as read (the first time counts) or unread; raises NotFoundError for somebody else's."""
    values = {"user_id": user_id, "id": notification_id, "read": read}
    fields = connection.execute(_MARK, values).mappings().one_or_none()
    if fields is None:
        raise NotFoundError
    return Notification.model_validate(_describe_notification({**fields}))


def mark_all_read(connection: Connection, user_id: UUID, *, before: datetime | None) -> int:
    """Mark what is unread, or what of it was written before an instant; returns how many."""
    values: dict[str, Any] = {"user_id": user_id}
    conditions = ""
    if before is not None:
        # The time of writing, not of the fact: what arrived late has not been seen.
        conditions = " AND written_at < :before"
        values["before"] = before
    return connection.execute(text(_READ_ALL.format(conditions=conditions)), values).rowcount


def delete_notification(connection: Connection, user_id: UUID, notification_id: UUID) -> None:
    """Remove one for good; raises NotFoundError for somebody else's."""
    if connection.execute(_DELETE, {"user_id": user_id, "id": notification_id}).rowcount == 0:
        raise NotFoundError


def _make_count(count: int) -> UnreadCount:
    return UnreadCount(unread_count=count, capped=count >= _COUNT_LIMIT)


@lru_cache
def _select_page(conditions: str) -> TextClause:
    # The key is walked from where the page begins, whoever asks: one plan is good for all.
    statement = text(_LIST.format(count=_UNREAD_COUNT, columns=_COLUMNS, conditions=conditions))
    return statement.execution_options(prepared=True)


def _describe_notification(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Notification, from the columns."""
    name, actor_id = fields["actor_name"], fields["actor_id"]
    return {
        **fields,
        "message": fill_names(fields["message"], name),
        "actor": None if actor_id is None else {"id": actor_id, "full_name": name},
    }
