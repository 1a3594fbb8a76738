"""Operations on meetings."""

from typing import Any

from convoke.errors import ConflictError, Problem, QuotaExceededError, UnacceptableError
from convoke.notifications import NotificationType
from convoke_api.events.schemas import EventCreate, EventUpdate
from convoke_api.people.statements import too_many
from convoke_api.web.fields import Instant

from convoke_openapi.examples import CALENDAR, DAY_OFF, MEETING, MOVED_MEETING
from convoke_openapi.operation import Operation
from convoke_openapi.refusals import (
    CANCELLED,
    NOT_THE_ORGANIZER,
    QUOTAS,
    refused_body,
    refused_parameter,
)

_PLANNED: dict[str, Any] = {
    "title": "Планёрка",
    "description": "1. Итоги недели\n2. План",
    "starts_at": "2027-03-01T10:00:00+03:00",
    "ends_at": "2027-03-01T10:30:00+03:00",
    "time_zone": "Europe/Moscow",
    "location": "Переговорная 2",
    "participant_emails": ["maria@example.org", "john@example.org"],
    "reminder_minutes": [15],
}
_DAY_OFF: dict[str, Any] = {
    "title": "Company day off",
    "starts_at": "2027-05-03T00:00:00+01:00",
    "ends_at": "2027-05-04T00:00:00+01:00",
    "all_day": True,
    "time_zone": "Europe/London",
    "uid": "day-off-2027@example.org",
    "reminder_minutes": [],
}
_BACKWARDS = {"starts_at": "2027-03-01T10:30:00+03:00", "ends_at": "2027-03-01T10:00:00+03:00"}

_ONE_EVENT = {
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
        details="Each of them gets exactly one `event_invited`, and each reminder that is still ahead is "
        "sent when it falls due. An unknown address becomes a person who has not signed in yet; the answer "
        "does not tell whether it was known.",
        bodies={"planning": _PLANNED, "day_off": _DAY_OFF},
        answer="The event that was created; with `Idempotency-Replayed` the one that the first of these "
        "requests created, as it is now.",
        answers={"planning": MEETING},
        headers=("Location", "ETag"),
        links=_ONE_EVENT,
        refusals={
            "uid_taken": ConflictError("The caller already organizes an event with this uid."),
            "several_faults": refused_body(
                EventCreate,
                {"starts_at": "2027-03-01 10:00", "ends_at": "2027-03-01T10:30:00+03:00", "color": 7},
            ),
            "ends_first": refused_body(EventCreate, {"title": "Планёрка", **_BACKWARDS}),
            "not_all_day": refused_body(EventCreate, {**_DAY_OFF, "ends_at": "2027-05-03T18:00:00+01:00"}),
            "unknown_people": UnacceptableError(
                "Some participant_ids name nobody.", [Problem("/participant_ids/1", "unknown user id")]
            ),
            "too_many": too_many(100_000, "/participant_emails"),
            "create_quota": QuotaExceededError(17),
            **QUOTAS,
        },
    ),
    "list_events": Operation(
        summary="List the caller's events",
        details="An event is listed when it overlaps [from, to). Cancelled ones are listed too.",
        answer="A page of events, the earliest first.",
        answers={
            "last_page": {"items": [MEETING, DAY_OFF], "next_cursor": None},
            "a_page_of_one": {"items": [MEETING], "next_cursor": "WyJldmVudHMiLCIyMDI3LTAzLTAxIl0"},
        },
        refusals={"from": refused_parameter("from", Instant, "2027-03-01")},
    ),
    "get_event": Operation(
        summary="Get an event",
        answer="The event.",
        answers={"confirmed": MEETING, "cancelled": DAY_OFF},
        headers=("ETag",),
    ),
    "update_event": Operation(
        summary="Change an event",
        details="What is absent stays. Participants get `event_updated` when a title, description, location, "
        "time or zone has changed; reminders move with the event.",
        bodies={
            "move": {
                "title": "Планёрка отдела",
                "starts_at": "2027-03-01T11:00:00+03:00",
                "ends_at": "2027-03-01T11:45:00+03:00",
                "location": None,
            },
            "remind": {"reminder_minutes": [10, 1440]},
        },
        answer="The event, as it is now.",
        answers={"moved": MOVED_MEETING},
        headers=("ETag",),
        refusals={
            **NOT_THE_ORGANIZER,
            **CANCELLED,
            **QUOTAS,
            "several_faults": refused_body(EventUpdate, {"title": "", "status": "cancelled"}),
            "ends_first": UnacceptableError(
                "The event would have no possible time.",
                [Problem("/ends_at", "must not be before starts_at")],
            ),
        },
    ),
    "cancel_event": Operation(
        summary="Cancel an event",
        details="Participants get `event_cancelled`; reminders are withdrawn. Counts towards no quota.",
        answer="The event is cancelled, by this request or by an earlier one.",
        refusals=NOT_THE_ORGANIZER,
    ),
    "list_deliveries": Operation(
        summary="List what became of an event's notifications",
        details="One item for each wave. `delivered`, `pending` and `failed` add up to `recipients`; what a "
        "person has muted is delivered, a reminder that is not due yet is pending.",
        answer="A page of waves, the newest first.",
        answers={
            "invited_and_to_be_reminded": {"items": [_REMINDER, _WAVE], "next_cursor": None},
        },
        refusals=NOT_THE_ORGANIZER,
    ),
    "get_event_calendar": Operation(
        summary="Get an event as iCalendar",
        details="RFC 5545, to be taken into any calendar.",
        answer="The file.",
        media_type="text/calendar",
        answers={"planning": CALENDAR},
        headers=("ETag", "Content-Disposition"),
    ),
}
