"""Notifications, as requests and responses hold them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from convoke.notifications import NotificationType
from pydantic import Field

from convoke_api.web.fields import (
    Instant,
)
from convoke_api.web.schemas import RequestModel, ResponseModel


class Actor(ResponseModel):
    """Who did what a notification tells of; the name falls back to the address."""

    id: UUID
    full_name: str | None


class Notification(ResponseModel):
    """One fact that the caller was told of."""

    id: UUID = Field(description="Names the fact; unique within one person's inbox.")
    type: NotificationType
    event_id: UUID
    title: str
    message: str
    actor: Actor | None
    created_at: datetime
    read_at: datetime | None


class UnreadCount(ResponseModel):
    """Exact up to 99; above that 100, and `capped`."""

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
    """Marks everything as read, or what was written before an instant."""

    before: Instant | None = None


class Updated(ResponseModel):
    """How many notifications have changed."""

    updated: int
