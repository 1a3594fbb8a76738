"""Describes the operations on the caller's notifications."""

from typing import Any

from convoke.notifications import NotificationType
from convoke_api.inbox.schemas import NotificationChange, ReadAll

from convoke_openapi.error_examples import body_error, parameter_error
from convoke_openapi.examples import ANNA_ID, EVENT_ID
from convoke_openapi.operation import Operation

_INVITED: dict[str, Any] = {
    "id": "01c0a9f2-5e41-7c93-8d20-b1a5d6c7e812",
    "type": NotificationType.EVENT_INVITED.value,
    "event_id": EVENT_ID,
    "title": "Приглашение на встречу",
    "message": "Вас пригласили на встречу «Планёрка». Организатор: Анна Петрова. "
    "Когда: понедельник, 1 марта 2027 г., 10:00–10:30 (UTC+3).",
    "actor": {"id": ANNA_ID, "full_name": "Анна Петрова"},
    "created_at": "2027-02-22T09:15:42.137204Z",
    "read_at": None,
}
_REMINDED: dict[str, Any] = {
    "id": "01c0ce1c-2b20-7a15-b6f4-08c1d2e3f413",
    "type": NotificationType.EVENT_REMINDER.value,
    "event_id": EVENT_ID,
    "title": "Upcoming meeting",
    "message": "The meeting “Планёрка” starts on March 1, 2027 at 2:00 AM (UTC-5).",
    "actor": None,
    "created_at": "2027-03-01T06:45:00Z",
    "read_at": "2027-03-01T06:47:12.006114Z",
}
_READ = {**_INVITED, "read_at": "2027-02-22T10:00:00.250319Z"}
_NOTIFICATION_LINK = {"notification_id": "$response.body#/items/0/id"}

OPERATIONS = {
    "list_notifications": Operation(
        summary="List the caller's notifications",
        details="Use `unread=true` to miss nothing: a notification that arrives late may be further down the "
        "list.",
        response="A page of notifications, the newest `created_at` first, and the number of all unread ones.",
        response_examples={
            "last_page": {
                "items": [_REMINDED, _INVITED],
                "next_cursor": None,
                "unread_count": 1,
                "capped": False,
            },
            "empty": {"items": [], "next_cursor": None, "unread_count": 100, "capped": True},
        },
        errors={"type": parameter_error("type", NotificationType, "event_postponed")},
        links={"update_notification": _NOTIFICATION_LINK, "delete_notification": _NOTIFICATION_LINK},
    ),
    "count_unread_notifications": Operation(
        summary="Count the caller's unread notifications",
        response="The number of unread notifications.",
        response_examples={
            "exact": {"unread_count": 7, "capped": False},
            "capped": {"unread_count": 100, "capped": True},
        },
    ),
    "read_all_notifications": Operation(
        summary="Mark all notifications as read",
        details="With `before`, only notifications written until then, so that none is marked that the "
        "caller cannot have seen. All count as read at once; with more than 10,000 notifications, `read_at` "
        "is stored within minutes. `updated` is exact unless two of these requests run at the same time.",
        request_examples={"everything": {}, "seen": {"before": "2027-03-01T10:00:00+03:00"}},
        response="The number of marked notifications.",
        response_examples={"seven": {"updated": 7}},
        errors={"invalid_date_time": body_error(ReadAll, {"before": "yesterday"})},
    ),
    "update_notification": Operation(
        summary="Mark a notification as read or unread",
        request_examples={"read": {"read": True}, "unread": {"read": False}},
        response="The changed notification.",
        response_examples={
            "read": {**_INVITED, "read_at": "2027-02-22T10:00:00.250319Z"},
            "unread": _INVITED,
        },
        errors={"no_boolean": body_error(NotificationChange, {"read": "yes"})},
    ),
    "delete_notification": Operation(
        summary="Delete a notification",
        response="The notification is deleted.",
    ),
}
