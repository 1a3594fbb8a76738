"""Defines the requests and responses of the inbox."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from convoke.notifications import NotificationType
from pydantic import Field

from convoke_api.web.fields import Instant
from convoke_api.web.schemas import RequestModel, ResponseModel


class Actor(ResponseModel):
    """The person whose act the notification is about; the name falls back to the address."""

    id: UUID
    full_name: str | None


class Notification(ResponseModel):
    """A notification of the caller."""

    id: UUID = Field(
        description="Unique within one person's inbox; recipients of the same change may share it."
    )
    type: NotificationType
    event_id: UUID
    title: str
    message: str
    actor: Actor | None
    created_at: datetime
    read_at: datetime | None


class UnreadCount(ResponseModel):
    """The number of unread notifications, exact up to 99; 100 with `capped` stands for more."""

    unread_count: int
    capped: bool


class Inbox(ResponseModel):
    """A page of the inbox, newest first, and the unread count (see UnreadCount)."""

    items: list[Notification]
    next_cursor: str | None
    unread_count: int
    capped: bool


class NotificationChange(RequestModel):
    """Marks a notification as read or unread."""

    read: Annotated[bool, Field(strict=True)]


class ReadAll(RequestModel):
    """Marks all notifications as read, or those written before an instant."""

    before: Instant | None = None


class Updated(ResponseModel):
    """The number of changed notifications."""

    updated: int
