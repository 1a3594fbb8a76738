"""Describes the operations on events."""

from typing import Any

from convoke.errors import ConflictError, Problem, UnacceptableError
from convoke.notifications import NotificationType
from convoke_api.events.schemas import EventCreate, EventUpdate
from convoke_api.outbox.quotas import quota_error
from convoke_api.people.statements import too_many_participants_error
from convoke_api.settings import ApiSettings
from convoke_api.web.fields import Instant

from convoke_openapi.error_examples import (
    CANCELLED,
    ORGANIZER_ONLY,
    QUOTAS,
    body_error,
    parameter_error,
)
from convoke_openapi.examples import CALENDAR, DAY_OFF, EVENT, MOVED_EVENT
from convoke_openapi.operation import Operation

_NEW_EVENT: dict[str, Any] = {
    "title": "Планёрка",
    "description": "1. Итоги недели\n2. План",
    "starts_at": "2027-03-01T10:00:00+03:00",
    "ends_at": "2027-03-01T10:30:00+03:00",
    "time_zone": "Europe/Moscow",
    "location": "Переговорная 2",
    "participant_emails": ["maria@example.org", "john@example.org"],
    "reminder_minutes": [15],
}
_NEW_DAY_OFF: dict[str, Any] = {
    "title": "Company day off",
    "starts_at": "2027-05-03T00:00:00+01:00",
    "ends_at": "2027-05-04T00:00:00+01:00",
    "all_day": True,
    "time_zone": "Europe/London",
    "uid": "day-off-2027@example.org",
    "reminder_minutes": [],
}
_ENDS_FIRST = {"starts_at": "2027-03-01T10:30:00+03:00", "ends_at": "2027-03-01T10:00:00+03:00"}

_EVENT_LINKS = {
    name: {"event_id": "$response.body#/id"}
    for name in (
        "get_event",
        "update_event",
        "cancel_event",
        "list_participants",
        "add_participants",
        "list_deliveries",
        "get_event_calendar",
    )
}

_WAVE = {
    "type": NotificationType.EVENT_INVITED.value,
    "created_at": "2027-02-22T09:15:42.137204Z",
    "due_at": None,
    "delivered_at": "2027-02-22T09:15:42.391077Z",
    "recipients": 2,
    "delivered": 2,
    "pending": 0,
    "failed": 0,
}
_REMINDER = {
    "type": NotificationType.EVENT_REMINDER.value,
    "created_at": "2027-02-22T09:15:42.137204Z",
    "due_at": "2027-03-01T06:45:00Z",
    "delivered_at": None,
    "recipients": 3,
    "delivered": 0,
    "pending": 3,
    "failed": 0,
}

OPERATIONS = {
    "create_event": Operation(
        summary="Create an event",
        details="Each participant gets exactly one `event_invited`, and each future reminder is sent when it "
        "falls due. An unknown address becomes a person who has not signed in yet; the response does not "
        "reveal whether it was known.",
        request_examples={"planning": _NEW_EVENT, "day_off": _NEW_DAY_OFF},
        response="The created event; with `Idempotency-Replayed`, the event that the first of these requests "
        "created, in its current state.",
        response_examples={"planning": EVENT},
        headers=("Location", "ETag"),
        links=_EVENT_LINKS,
        errors={
            "uid_taken": ConflictError("The caller already organizes an event with this uid."),
            "several_errors": body_error(
                EventCreate,
                {"starts_at": "2027-03-01 10:00", "ends_at": "2027-03-01T10:30:00+03:00", "color": 7},
            ),
            "ends_first": body_error(EventCreate, {"title": "Планёрка", **_ENDS_FIRST}),
            "not_all_day": body_error(EventCreate, {**_NEW_DAY_OFF, "ends_at": "2027-05-03T18:00:00+01:00"}),
            "unknown_ids": UnacceptableError(
                "Some participant_ids are unknown.", [Problem("/participant_ids/1", "unknown user id")]
            ),
            "too_many": too_many_participants_error(100_000, "/participant_emails"),
            "create_quota": quota_error("create_quota", 17, ApiSettings(database_url="")),
            **QUOTAS,
        },
    ),
    "list_events": Operation(
        summary="List the caller's events",
        details="An event is listed when it overlaps [from, to). Cancelled ones are listed too.",
        response="A page of events, the earliest first.",
        response_examples={
            "last_page": {"items": [EVENT, DAY_OFF], "next_cursor": None},
            "one_of_more": {"items": [EVENT], "next_cursor": "WyJldmVudHMiLCIyMDI3LTAzLTAxIl0"},
        },
        errors={"from": parameter_error("from", Instant, "2027-03-01")},
    ),
    "get_event": Operation(
        summary="Get an event",
        response="The event.",
        response_examples={"confirmed": EVENT, "cancelled": DAY_OFF},
        headers=("ETag",),
    ),
    "update_event": Operation(
        summary="Change an event",
        details="Absent fields stay. Participants get `event_updated` if title, description, location, time "
        "or time zone has changed; reminders move with the event.",
        request_examples={
            "move": {
                "title": "Планёрка отдела",
                "starts_at": "2027-03-01T11:00:00+03:00",
                "ends_at": "2027-03-01T11:45:00+03:00",
                "location": None,
            },
            "remind": {"reminder_minutes": [10, 1440]},
        },
        response="The changed event.",
        response_examples={"moved": MOVED_EVENT},
        headers=("ETag",),
        errors={
            **ORGANIZER_ONLY,
            **CANCELLED,
            **QUOTAS,
            "several_errors": body_error(EventUpdate, {"title": "", "status": "cancelled"}),
            "ends_first": UnacceptableError(
                "The event would have no possible time.",
                [Problem("/ends_at", "must not be before starts_at")],
            ),
        },
    ),
    "cancel_event": Operation(
        summary="Cancel an event",
        details="Participants get `event_cancelled`; reminders are withdrawn. Counts towards no quota.",
        response="The event is cancelled, by this request or by an earlier one.",
        errors=ORGANIZER_ONLY,
    ),
    "list_deliveries": Operation(
        summary="List the deliveries of an event's notifications",
        details="One item for each wave. `delivered`, `pending` and `failed` add up to `recipients`; a muted "
        "notification counts as delivered, a reminder that is not due yet as pending.",
        response="A page of waves, the newest first.",
        response_examples={
            "invitation_and_reminder": {"items": [_REMINDER, _WAVE], "next_cursor": None},
        },
        errors=ORGANIZER_ONLY,
    ),
    "get_event_calendar": Operation(
        summary="Get an event as iCalendar",
        details="RFC 5545, for import into other calendars.",
        response="The file.",
        media_type="text/calendar",
        response_examples={"planning": CALENDAR},
        headers=("ETag", "Content-Disposition"),
    ),
}
