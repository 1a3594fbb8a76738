"""The texts of the notifications about the event of the story, by language and zone."""

MOSCOW, NEW_YORK, TOKYO, KATHMANDU = "Europe/Moscow", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu"


ZONES = (MOSCOW, NEW_YORK, TOKYO, KATHMANDU)


#: French is not supported: its users get the default language.
LANGUAGES = {"ru": "ru", "en-GB": "en", "fr": "ru"}


PLANNED = {"starts_at": "2030-03-01T10:00:00+03:00", "ends_at": "2030-03-01T10:30:00+03:00"}


MOVED = {"starts_at": "2030-04-01T22:30:00+03:00", "ends_at": "2030-04-01T23:30:00+03:00"}


#: Both times as they are displayed: the second lies in New York's summer, and on the next day in Asia.
WHEN = {
    ("ru", MOSCOW): (
        "пятница, 1 марта 2030 г., 10:00–10:30 (UTC+3)",
        "понедельник, 1 апреля 2030 г., 22:30–23:30 (UTC+3)",
    ),
    ("ru", NEW_YORK): (
        "пятница, 1 марта 2030 г., 02:00–02:30 (UTC-5)",
        "понедельник, 1 апреля 2030 г., 15:30–16:30 (UTC-4)",
    ),
    ("ru", TOKYO): (
        "пятница, 1 марта 2030 г., 16:00–16:30 (UTC+9)",
        "вторник, 2 апреля 2030 г., 04:30–05:30 (UTC+9)",
    ),
    ("ru", KATHMANDU): (
        "пятница, 1 марта 2030 г., 12:45–13:15 (UTC+5:45)",
        "вторник, 2 апреля 2030 г., 01:15–02:15 (UTC+5:45)",
    ),
    ("en", MOSCOW): (
        "Friday, March 1, 2030, 10:00 – 10:30 AM (UTC+3)",
        "Monday, April 1, 2030, 10:30 – 11:30 PM (UTC+3)",
    ),
    ("en", NEW_YORK): (
        "Friday, March 1, 2030, 2:00 – 2:30 AM (UTC-5)",
        "Monday, April 1, 2030, 3:30 – 4:30 PM (UTC-4)",
    ),
    ("en", TOKYO): (
        "Friday, March 1, 2030, 4:00 – 4:30 PM (UTC+9)",
        "Tuesday, April 2, 2030, 4:30 – 5:30 AM (UTC+9)",
    ),
    ("en", KATHMANDU): (
        "Friday, March 1, 2030, 12:45 – 1:15 PM (UTC+5:45)",
        "Tuesday, April 2, 2030, 1:15 – 2:15 AM (UTC+5:45)",
    ),
}


TITLES = {
    "ru": {
        "event_invited": "Приглашение на встречу",
        "event_updated": "Встреча изменена",
        "event_cancelled": "Встреча отменена",
        "event_reminder": "Скоро встреча",
        "participant_responded": "Ответ на приглашение",
        "participant_removed": "Вы больше не участник",
    },
    "en": {
        "event_invited": "Meeting invitation",
        "event_updated": "Meeting changed",
        "event_cancelled": "Meeting cancelled",
        "event_reminder": "Upcoming meeting",
        "participant_responded": "Reply to an invitation",
        "participant_removed": "You are no longer a participant",
    },
}


ORGANIZER = {"ru": "Организатор: Olga.", "en": "Organizer: Olga."}


MESSAGES = {
    "ru": {
        "event_invited": "Вас пригласили на встречу «Планёрка». {organizer} Когда: {when}.",
        "event_updated": "Встреча «Планёрка» была изменена. {organizer} Когда: {moved}. Раньше было: {when}.",
        "invited later": "Вас пригласили на встречу «Планёрка». {organizer} Когда: {moved}.",
        "participant_removed": "Вас удалили из участников встречи «Планёрка». {organizer} Когда: {moved}.",
        "event_cancelled": "Встреча «Планёрка» была отменена. {organizer} Планировалось: {moved}.",
    },
    "en": {
        "event_invited": "You are invited to the meeting “Планёрка”. {organizer} When: {when}.",
        "event_updated": "The meeting “Планёрка” was changed. {organizer} When: {moved}. It was: {when}.",
        "invited later": "You are invited to the meeting “Планёрка”. {organizer} When: {moved}.",
        "participant_removed": "You were removed from the meeting “Планёрка”. {organizer} When: {moved}.",
        "event_cancelled": "The meeting “Планёрка” was cancelled. {organizer} It was planned for {moved}.",
    },
}
