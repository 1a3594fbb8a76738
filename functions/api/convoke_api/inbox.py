"""The inbox: one person's notifications, newest fact first."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from convoke.domain import NotificationType, fill_names
from convoke.errors import NotFoundError
from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, text

from convoke_api.cursors import PageRequest, cut_page, decode_cursor
from convoke_api.schemas.inbox import Actor, Inbox, Notification, UnreadCount

#: Counting stops here: exact up to 99, and "more than that" costs no more.
_COUNT_LIMIT = 100

_COLUMNS = """
notification.id, notification.type, notification.event_id, notification.title, notification.message,
notification.actor_id, coalesce(actor.full_name, actor.email) AS actor_name,
notification.created_at, notification.read_at
"""

_UNREAD_COUNT = """
SELECT count(*) FROM (
    SELECT FROM notifications WHERE user_id = :user_id AND read_at IS NULL LIMIT :count_limit
) AS unread
"""

# The outer join keeps the count when the page is empty.
_LIST = """
SELECT unread.count AS unread_count, page.*
FROM ({count}) AS unread
LEFT JOIN LATERAL (
    SELECT {columns}
    FROM notifications AS notification LEFT JOIN users AS actor ON actor.id = notification.actor_id
    WHERE notification.user_id = :user_id {conditions}
    ORDER BY notification.id DESC LIMIT :rows
) AS page ON true
ORDER BY page.id DESC
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
    statement = text(_LIST.format(count=_UNREAD_COUNT, columns=_COLUMNS, conditions=conditions))
    rows = connection.execute(statement, values).all()
    shown, next_cursor = cut_page(
        [row for row in rows if row.id is not None], page.limit, key=lambda row: ("notifications", row.id)
    )
    count = _make_count(rows[0].unread_count)
    return Inbox(
        items=[_make_notification(row) for row in shown],
        next_cursor=next_cursor,
        unread_count=count.unread_count,
        capped=count.capped,
    )


def count_unread(connection: Connection, user_id: UUID) -> UnreadCount:
    """How many are unread, exact up to 99."""
    values = {"user_id": user_id, "count_limit": _COUNT_LIMIT}
    return _make_count(connection.execute(text(_UNREAD_COUNT), values).scalar_one())


def mark_notification(
    connection: Connection, user_id: UUID, notification_id: UUID, *, read: bool
) -> Notification:
    """Mark as read (the first time counts) or unread; raises NotFoundError for somebody else's."""
    row = connection.execute(_MARK, {"user_id": user_id, "id": notification_id, "read": read}).one_or_none()
    if row is None:
        raise NotFoundError
    return _make_notification(row)


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


def _make_notification(row: Row[Any]) -> Notification:
    actor = None if row.actor_id is None else Actor(id=row.actor_id, full_name=row.actor_name)
    return Notification(
        id=row.id,
        type=row.type,
        event_id=row.event_id,
        title=row.title,
        message=fill_names(row.message, row.actor_name),
        actor=actor,
        created_at=row.created_at,
        read_at=row.read_at,
    )
