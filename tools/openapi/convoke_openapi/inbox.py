"""Operations on what the caller was told."""

from typing import Any

from convoke.notifications import NotificationType
from convoke_api.inbox.schemas import NotificationChange, ReadAll

from convoke_openapi.examples import ANNA_ID, MEETING_ID
from convoke_openapi.operation import Operation
from convoke_openapi.refusals import refused_body, refused_parameter

_INVITED: dict[str, Any] = {
    "id": "01c0a9f2-5e41-7c93-8d20-b1a5d6c7e812",
    "type": NotificationType.EVENT_INVITED.value,
    "event_id": MEETING_ID,
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
    "event_id": MEETING_ID,
    "title": "Upcoming meeting",
    "message": "The meeting “Планёрка” starts on March 1, 2027 at 2:00 AM (UTC-5).",
    "actor": None,
    "created_at": "2027-03-01T06:45:00Z",
    "read_at": "2027-03-01T06:47:12.006114Z",
}
_ONE = {"notification_id": "$response.body#/items/0/id"}

OPERATIONS = {
    "list_notifications": Operation(
        summary="List the caller's notifications",
        details="A client that wants to miss nothing asks for `unread=true`: what arrives late may stand "
        "further down.",
        answer="A page of notifications, the newest fact first, and how many are unread in all.",
        answers={
            "last_page": {
                "items": [_REMINDED, _INVITED],
                "next_cursor": None,
                "unread_count": 1,
                "capped": False,
            },
            "empty": {"items": [], "next_cursor": None, "unread_count": 100, "capped": True},
        },
        refusals={"type": refused_parameter("type", NotificationType, "event_postponed")},
        links={"update_notification": _ONE, "delete_notification": _ONE},
    ),
    "count_unread_notifications": Operation(
        summary="Count the caller's unread notifications",
        answer="How many are unread.",
        answers={
            "exact": {"unread_count": 7, "capped": False},
            "capped": {"unread_count": 100, "capped": True},
        },
    ),
    "read_all_notifications": Operation(
        summary="Mark all notifications as read",
        details="With `before` only what had been written until then, so that nothing is marked that the "
        "caller cannot have seen. Everything counts as read at once; of more than 10,000 notifications, the "
        "rows follow within minutes. `updated` is exact unless two of these requests run at the same time.",
        bodies={"everything": {}, "what_was_seen": {"before": "2027-03-01T10:00:00+03:00"}},
        answer="How many have been marked.",
        answers={"seven": {"updated": 7}},
        refusals={"no_instant": refused_body(ReadAll, {"before": "yesterday"})},
    ),
    "update_notification": Operation(
        summary="Mark a notification as read or unread",
        bodies={"read": {"read": True}, "unread": {"read": False}},
        answer="The notification, as it is now.",
        answers={"read": {**_INVITED, "read_at": "2027-02-22T10:00:00.250319Z"}, "unread": _INVITED},
        refusals={"no_choice": refused_body(NotificationChange, {"read": "yes"})},
    ),
    "delete_notification": Operation(
        summary="Delete a notification",
        answer="It is gone.",
    ),
}
