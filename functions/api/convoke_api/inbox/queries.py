"""Lists, counts, marks and deletes the notifications in one person's inbox."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from convoke.embedding import fill_names
from convoke.errors import NotFoundError
from convoke.notifications import NotificationType
from pydantic import TypeAdapter
from sqlalchemy import Connection, TextClause, text

from convoke_api.inbox.schemas import Inbox, Notification, UnreadCount
from convoke_api.people.visibility import verified_email
from convoke_api.web.pagination import PageRequest, cut_page, decode_cursor

#: Counting stops here: exact up to 99, and a larger inbox costs no more.
_COUNT_LIMIT = 100

# Notifications written before a read mark (`convoke_api.inbox.read_all`) count as read.
_MARKED_BEFORE = "(SELECT coalesce(max(before), '-infinity') FROM read_marks WHERE user_id = :user_id)"
_READ_AT = (
    "coalesce(notification.read_at, CASE WHEN notification.written_at < mark.before THEN mark.read_at END)"
)

_COLUMNS = f"""
notification.id, notification.type, notification.event_id, notification.title, notification.message,
notification.actor_id, coalesce(actor.full_name, {verified_email("actor")}) AS actor_name,
notification.created_at, {{read_at}} AS read_at
"""

_UNREAD_COUNT = f"""
SELECT count(*) FROM (
    SELECT FROM notifications WHERE user_id = :user_id AND read_at IS NULL AND written_at >= {_MARKED_BEFORE}
    LIMIT :count_limit
) AS unread
"""  # noqa: S608 - constants only

# One JSON value: for twenty rows of nine columns, the driver would need half the time of the whole request.
_LIST = """
SELECT ({count}) AS unread_count, (
    SELECT coalesce(json_agg(page), '[]')
    FROM (
        SELECT {columns}
        FROM notifications AS notification
        LEFT JOIN read_marks AS mark ON mark.user_id = :user_id
        LEFT JOIN users AS actor ON actor.id = notification.actor_id
        WHERE notification.user_id = :user_id {conditions}
        ORDER BY notification.id DESC LIMIT :rows
    ) AS page
) AS page
"""

# Marking as unread moves `written_at` up to the read mark, which then no longer covers the notification.
_MARK = text(f"""
WITH mark AS (SELECT before, read_at FROM read_marks WHERE user_id = :user_id),
notification AS (
    UPDATE notifications AS notification
    SET read_at = CASE WHEN :read THEN coalesce(
            notification.read_at,
            (SELECT read_at FROM mark WHERE notification.written_at < before),
            now()) END,
        written_at = CASE WHEN :read THEN notification.written_at
                          ELSE greatest(notification.written_at, (SELECT before FROM mark)) END
    WHERE user_id = :user_id AND id = :id
    RETURNING *
)
SELECT {_COLUMNS.format(read_at="notification.read_at")}
FROM notification LEFT JOIN users AS actor ON actor.id = notification.actor_id
""")  # noqa: S608 - constants only

_UNREAD = f" AND notification.read_at IS NULL AND notification.written_at >= {_MARKED_BEFORE}"
_READ = f" AND (notification.read_at IS NOT NULL OR notification.written_at < {_MARKED_BEFORE})"

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
    """Return a page of the inbox, newest first, with the unread count; `unread` keeps unread or read ones."""
    values: dict[str, Any] = {"user_id": user_id, "rows": page.limit + 1, "count_limit": _COUNT_LIMIT}
    conditions = ""
    if unread is not None:
        # Literal SQL, not a bound value: only so can the planner use the partial index.
        conditions += _UNREAD if unread else _READ
    if of_type is not None:
        conditions += " AND notification.type = :type"
        values["type"] = of_type.value
    before = decode_cursor(page.cursor, _KEYS)
    if before is not None:
        conditions += " AND notification.id < :before_id"
        _, values["before_id"] = before
    row = connection.execute(_select_page(conditions), values).one()
    items, next_cursor = cut_page(
        row.page,
        page.limit,
        key=lambda fields: ("notifications", fields["id"]),
        make=_make_notification,
        count_text=_count_text,
    )
    count = _make_count(row.unread_count)
    return Inbox.model_validate(
        {
            "items": items,
            "next_cursor": next_cursor,
            "unread_count": count.unread_count,
            "capped": count.capped,
        }
    )


def count_unread(connection: Connection, user_id: UUID) -> UnreadCount:
    """Return the number of unread notifications, exact up to 99."""
    values = {"user_id": user_id, "count_limit": _COUNT_LIMIT}
    return _make_count(connection.execute(_COUNT, values).scalar_one())


def mark_notification(
    connection: Connection, user_id: UUID, notification_id: UUID, *, read: bool
) -> Notification:
    """Mark as read (the first time is kept) or unread; raise NotFoundError for another person's."""
    values = {"user_id": user_id, "id": notification_id, "read": read}
    fields = connection.execute(_MARK, values).mappings().one_or_none()
    if fields is None:
        raise NotFoundError
    return _make_notification({**fields})


def delete_notification(connection: Connection, user_id: UUID, notification_id: UUID) -> None:
    """Delete a notification; raise NotFoundError for another person's."""
    if connection.execute(_DELETE, {"user_id": user_id, "id": notification_id}).rowcount == 0:
        raise NotFoundError


def _make_count(count: int) -> UnreadCount:
    return UnreadCount(unread_count=count, capped=count >= _COUNT_LIMIT)


@lru_cache
def _select_page(conditions: str) -> TextClause:
    # A page is a range of the primary key from the cursor on, for every caller: one plan is good for all.
    statement = text(
        _LIST.format(count=_UNREAD_COUNT, columns=_COLUMNS.format(read_at=_READ_AT), conditions=conditions)
    )
    return statement.execution_options(prepared=True)


def _make_notification(fields: Mapping[str, Any]) -> Notification:
    name, actor_id = fields["actor_name"], fields["actor_id"]
    return Notification.model_validate(
        {
            **fields,
            "message": fill_names(fields["message"], name),
            "actor": None if actor_id is None else {"id": actor_id, "full_name": name},
        }
    )


def _count_text(fields: Mapping[str, Any]) -> int:
    # The name is in the response twice: in `actor` and within the message.
    return len(fields["title"]) + len(fields["message"]) + 2 * len(fields["actor_name"] or "")
