"""Defines the people and events of the examples. All addresses are at example.org (RFC 2606, 3)."""

from typing import Any

ANNA_ID = "5f0c2c1e-8a34-4c57-9d0a-6f6b5a1f2e01"
MARIA_ID = "9b7f6d52-3c1b-4f0e-8b8e-2d9d7c5a4e02"
JOHN_ID = "c2a9e1d4-6b70-4e7f-a1c3-0e8f4b6d7a03"

EVENT_ID = "01c0a9f2-5e00-7b41-9f0e-3c5d2a8b6e10"
DAY_OFF_ID = "01c0a9f3-4860-7d02-8a77-51c7f0d94b11"

ANNA = {"id": ANNA_ID, "email": "anna@example.org", "full_name": "Анна Петрова"}
JOHN = {"id": JOHN_ID, "email": "john@example.org", "full_name": "John Smith"}

MARIA_INVITED = {
    "user_id": MARIA_ID,
    "email": "maria@example.org",
    "full_name": None,
    "response_status": "needs_action",
}
JOHN_ACCEPTED = {
    "user_id": JOHN_ID,
    "email": "john@example.org",
    "full_name": "John Smith",
    "response_status": "accepted",
}

EVENT: dict[str, Any] = {
    "id": EVENT_ID,
    "title": "Планёрка",
    "description": "1. Итоги недели\n2. План",
    "location": "Переговорная 2",
    "starts_at": "2027-03-01T07:00:00Z",
    "ends_at": "2027-03-01T07:30:00Z",
    "all_day": False,
    "time_zone": "Europe/Moscow",
    "uid": EVENT_ID,
    "sequence": 0,
    "status": "confirmed",
    "organizer": ANNA,
    "version": 1,
    "created_at": "2027-02-22T09:15:42.137204Z",
    "updated_at": "2027-02-22T09:15:42.137204Z",
    "reminder_minutes": [15],
    "my_response_status": None,
    "participant_counts": {"total": 2, "needs_action": 1, "accepted": 1, "declined": 0, "tentative": 0},
    "participants": [MARIA_INVITED, JOHN_ACCEPTED],
}

MOVED_EVENT: dict[str, Any] = {
    **EVENT,
    "title": "Планёрка отдела",
    "starts_at": "2027-03-01T08:00:00Z",
    "ends_at": "2027-03-01T08:45:00Z",
    "location": None,
    "sequence": 1,
    "version": 2,
    "updated_at": "2027-02-23T11:02:07.480116Z",
}

DAY_OFF: dict[str, Any] = {
    **EVENT,
    "id": DAY_OFF_ID,
    "title": "Company day off",
    "description": None,
    "location": None,
    "starts_at": "2027-05-02T23:00:00Z",
    "ends_at": "2027-05-03T23:00:00Z",
    "all_day": True,
    "time_zone": "Europe/London",
    "uid": "day-off-2027@example.org",
    "status": "cancelled",
    "organizer": JOHN,
    "sequence": 1,
    "version": 2,
    "reminder_minutes": [],
    "my_response_status": "needs_action",
    "participant_counts": {"total": 1, "needs_action": 1, "accepted": 0, "declined": 0, "tentative": 0},
    "participants": [
        {
            "user_id": ANNA_ID,
            "email": "anna@example.org",
            "full_name": "Анна Петрова",
            "response_status": "needs_action",
        }
    ],
}

#: EVENT as `convoke_api.events.calendar_files` writes it.
CALENDAR = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Convoke//EN
BEGIN:VTIMEZONE
TZID:Europe/Moscow
COMMENT:This timezone only works from 2026-02-28 to 2028-03-01.
BEGIN:STANDARD
DTSTART:20260228T000000
TZNAME:MSK
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Планёрка
DTSTART;TZID=Europe/Moscow:20270301T100000
DTEND;TZID=Europe/Moscow:20270301T103000
DTSTAMP:20270222T091542Z
UID:{EVENT_ID}
SEQUENCE:0
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:maria@example.org
ATTENDEE;CN="John Smith";PARTSTAT=ACCEPTED:mailto:john@example.org
CREATED:20270222T091542Z
DESCRIPTION:1. Итоги недели\\n2. План
LAST-MODIFIED:20270222T091542Z
LOCATION:Переговорная 2
ORGANIZER;CN="Анна Петрова":mailto:anna@example.org
STATUS:CONFIRMED
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
