"""Routes of /v1/notifications: the caller's inbox."""

from typing import Annotated
from uuid import UUID

from convoke.notifications import NotificationType
from fastapi import APIRouter, Query, Response

from convoke_api.dependencies import Autocommit, IdempotentPost, PageWanted, StoredResult, Transaction
from convoke_api.idempotency.key import REPLAYED_HEADERS
from convoke_api.idempotency.stored_results import run_once
from convoke_api.inbox.queries import (
    count_unread,
    delete_notification,
    list_notifications,
    mark_notification,
)
from convoke_api.inbox.read_all import mark_all_read
from convoke_api.inbox.schemas import Inbox, Notification, NotificationChange, ReadAll, UnreadCount, Updated
from convoke_api.web.strict_json import StrictRoute

router = APIRouter(prefix="/v1/notifications", tags=["inbox"], route_class=StrictRoute)


@router.get("", operation_id="list_notifications")
async def read_notifications(
    work: Autocommit,
    page: PageWanted,
    unread: Annotated[bool | None, Query(description="true: only unread; false: only read.")] = None,
    of_type: Annotated[NotificationType | None, Query(alias="type")] = None,
) -> Inbox:
    """Return a page of the inbox, newest first, with the unread count."""
    return list_notifications(work.connection, work.caller.id, page, unread=unread, of_type=of_type)


@router.get("/unread-count", operation_id="count_unread_notifications")
async def read_unread_count(work: Autocommit) -> UnreadCount:
    """Return the number of unread notifications: exact up to 99, then capped."""
    return count_unread(work.connection, work.caller.id)


@router.post("/read-all", operation_id="read_all_notifications")
async def post_read_all(
    request: IdempotentPost,
    work: Transaction,
    stored: StoredResult,
    response: Response,
    body: ReadAll | None = None,
) -> Updated:
    """Mark all notifications as read, or those written before an instant."""
    before = body.before if body else None
    result = run_once(
        work,
        request,
        stored,
        lambda: mark_all_read(
            work.connection,
            work.caller.id,
            before=before,
            database_timeout_seconds=work.settings.database_timeout_seconds,
        ),
    )
    if result.replayed:
        response.headers.update(REPLAYED_HEADERS)
    return Updated(updated=result.affected)


@router.patch("/{notification_id}", operation_id="update_notification")
async def patch_notification(
    notification_id: UUID, body: NotificationChange, work: Autocommit
) -> Notification:
    """Mark a notification as read or unread."""
    return mark_notification(work.connection, work.caller.id, notification_id, read=body.read)


@router.delete("/{notification_id}", status_code=204, operation_id="delete_notification")
async def remove_notification(notification_id: UUID, work: Autocommit) -> None:
    """Delete a notification."""
    delete_notification(work.connection, work.caller.id, notification_id)
