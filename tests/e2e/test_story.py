"""One meeting from its planning to its end, before the whole stack: what its people read at each step."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from convoke_local.api_gateway.tokens import load_key, make_token
from e2e.conftest import Stack

#: Waiting for a delivery ends here: it takes well under a second on a machine that has time.
PATIENCE_SECONDS = 60

MOSCOW, NEW_YORK, TOKYO, KATHMANDU = "Europe/Moscow", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu"
ZONES = (MOSCOW, NEW_YORK, TOKYO, KATHMANDU)
#: French is not spoken here: its readers get the default language.
LANGUAGES = {"ru": "ru", "en-GB": "en", "fr": "ru"}

PLANNED = {"starts_at": "2030-03-01T10:00:00+03:00", "ends_at": "2030-03-01T10:30:00+03:00"}
MOVED = {"starts_at": "2030-04-01T22:30:00+03:00", "ends_at": "2030-04-01T23:30:00+03:00"}
#: Both times as they are read: the second lies in New York's summer, and on the next day in Asia.
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


@dataclass
class Person:
    """Somebody with a token, who calls over HTTP, and what their inbox is expected to hold."""

    http: httpx.Client
    name: str
    language: str
    zone: str
    email: str
    id: str
    expected: list[tuple[str, str, str]] = field(default_factory=list)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """What a call that succeeds has given."""
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def expect(self, fact: str, type_: str | None = None) -> None:
        """One more notification is to come: of a meeting that was planned, and perhaps moved."""
        when, moved = WHEN[self.language, self.zone]
        message = MESSAGES[self.language][fact]
        organizer = ORGANIZER[self.language]
        self.expect_text(type_ or fact, message.format(organizer=organizer, when=when, moved=moved))

    def expect_text(self, type_: str, message: str) -> None:
        """One more notification is to come, with this text."""
        self.expected.append((type_, TITLES[self.language][type_], message))

    def read(self) -> list[tuple[str, str, str]]:
        """The inbox, the oldest first."""
        inbox = self.call("GET", "/v1/notifications?limit=100")
        assert inbox["unread_count"] == len(inbox["items"])
        return [(it["type"], it["title"], it["message"]) for it in reversed(inbox["items"])]


class People:
    """Makes people of the running stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._key = load_key(stack.cli.data_folder)
        self._clients: list[httpx.Client] = []

    def make(self, name: str, locale: str, zone: str) -> Person:
        """Somebody who has signed in: in that language and zone they are told things from then on."""
        email = f"{name.lower()}@story.example.org"
        token = make_token(self._key, email, name=name, locale=locale, zone=zone)
        http = httpx.Client(
            base_url=self._stack.url, headers={"authorization": f"Bearer {token}"}, timeout=60
        )
        self._clients.append(http)
        me = http.get("/v1/me").json()
        assert (me["locale"], me["time_zone"]) == (locale, zone)
        return Person(http, name, LANGUAGES[locale], zone, email, me["id"])

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture
def people(stack: Stack) -> Iterator[People]:
    made = People(stack)
    yield made
    made.close()


def check_inboxes(people: Sequence[Person]) -> None:
    """Each inbox comes to be exactly as expected, within a bound, and holds nothing else meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for person in people:
        while (found := person.read()) != person.expected:
            unexpected = Counter(found) - Counter(person.expected)
            assert not unexpected, (person.name, unexpected)
            assert time.monotonic() < deadline, (person.name, found, person.expected)
            time.sleep(0.05)


def settle(stack: Stack) -> None:
    """Wait until nothing is owed and no message is left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        status = stack.read_status()
        if status["outbox"]["pending"] == status["queue"]["visible"] == status["queue"]["in_flight"] == 0:
            assert (status["outbox"]["failed"], status["queue"]["dlq"]) == (0, 0)
            return
        assert time.monotonic() < deadline, status
        time.sleep(0.1)


def test_a_meeting_for_twelve_is_planned_answered_moved_joined_left_and_cancelled(
    stack: Stack, people: People
) -> None:
    olga = people.make("Olga", "ru", MOSCOW)
    twelve = [
        people.make(f"Guest{number}", locale, zone)
        for number, (locale, zone) in enumerate(itertools.product(LANGUAGES, ZONES))
    ]
    yes, also_yes, no, removed = twelve[0], twelve[5], twelve[10], twelve[7]
    late = [people.make("Late1", "en-GB", TOKYO), people.make("Late2", "fr", NEW_YORK)]
    everybody = [olga, *twelve, *late]

    # She plans it; one half is invited by address, the other by id.
    meeting = {
        "title": "Планёрка",
        **PLANNED,
        "time_zone": MOSCOW,
        "participant_emails": [it.email for it in twelve[:6]],
        "participant_ids": [it.id for it in twelve[6:]],
        "reminder_minutes": [15, 1440],
    }
    path = f"/v1/events/{olga.call('POST', '/v1/events', meeting)['id']}"
    for person in twelve:
        person.expect("event_invited")
    check_inboxes(everybody)

    # Two accept, one declines, and one says twice what has been said.
    when = WHEN[olga.language, olga.zone][0]
    for person, status, words in (
        (yes, "accepted", "{} принимает приглашение на встречу «Планёрка». Когда: {}."),
        (no, "declined", "{} отклоняет приглашение на встречу «Планёрка». Когда: {}."),
        (also_yes, "accepted", "{} принимает приглашение на встречу «Планёрка». Когда: {}."),
    ):
        answer = {"response_status": status}
        assert person.call("PATCH", f"{path}/participants/me", answer)["response_status"] == status
        olga.expect_text("participant_responded", words.format(person.name, when))
    yes.call("PATCH", f"{path}/participants/me", {"response_status": "accepted"})
    check_inboxes(everybody)
    counts = olga.call("GET", path)["participant_counts"]
    assert counts == {"total": 12, "needs_action": 9, "accepted": 2, "declined": 1, "tentative": 0}

    # She moves it, and tells the stack the same once more.
    for _ in range(2):
        assert olga.call("PATCH", path, MOVED)["sequence"] == 1
    for person in twelve:
        person.expect("event_updated")
    check_inboxes(everybody)

    # She adds two; those who are there already are not invited again.
    body = {"participant_ids": [it.id for it in (*late, yes, no)]}
    assert olga.call("POST", f"{path}/participants", body) == {"added": 2}
    for person in late:
        person.expect("invited later", "event_invited")
    check_inboxes(everybody)

    # She removes one.
    olga.call("DELETE", f"{path}/participants/{removed.id}")
    removed.expect("participant_removed")
    check_inboxes(everybody)
    assert removed.http.get(path).status_code == 404

    # She cancels it, twice.
    for _ in range(2):
        olga.call("DELETE", path)
    for person in (*twelve, *late):
        if person is not removed:
            person.expect("event_cancelled")
    check_inboxes(everybody)

    # When nothing is on its way any more, nothing more has come.
    settle(stack)
    check_inboxes(everybody)
    waves = olga.call("GET", f"{path}/deliveries")["items"]
    assert [(it["type"], it["recipients"], it["delivered"]) for it in reversed(waves)] == [
        ("event_invited", 12, 12),
        *[("participant_responded", 1, 1)] * 3,
        ("event_updated", 12, 12),
        ("event_invited", 2, 2),
        ("participant_removed", 1, 1),
        ("event_cancelled", 13, 13),
    ]


def test_a_reminder_comes_when_it_is_due_to_those_who_have_not_declined(stack: Stack, people: People) -> None:
    olga = people.make("Olga", "ru", MOSCOW)
    yes = people.make("Reminded", "en-GB", KATHMANDU)
    no = people.make("Declining", "ru", TOKYO)
    seen = {person.name: len(person.read()) for person in (olga, yes, no)}
    start = datetime.now(UTC) + timedelta(minutes=90)
    meeting = {
        "title": "Скоро",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=30)).isoformat(),
        "participant_ids": [yes.id, no.id],
        "reminder_minutes": [30],
    }
    path = f"/v1/events/{olga.call('POST', '/v1/events', meeting)['id']}"
    no.call("PATCH", f"{path}/participants/me", {"response_status": "declined"})

    # It is moved so that its reminder is due in a few seconds.
    start = datetime.now(UTC) + timedelta(minutes=1, seconds=4)
    times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(minutes=30)).isoformat()}
    olga.call("PATCH", path, {**times, "reminder_minutes": [1]})
    due_at = start - timedelta(minutes=1)

    deadline = time.monotonic() + PATIENCE_SECONDS
    for person in (olga, yes):
        while not (found := person.call("GET", "/v1/notifications?type=event_reminder")["items"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert datetime.now(UTC) >= due_at
        (reminder,) = found
        assert datetime.fromisoformat(reminder["created_at"]) == due_at
        local = start.astimezone(ZoneInfo(person.zone))
        if person is yes:
            clock = f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'} (UTC+5:45)"
            assert reminder["message"].startswith("The meeting “Скоро” starts on ")
            assert reminder["message"].endswith(f" at {clock}.")
        else:
            assert reminder["message"].startswith(f"Встреча «Скоро» начнётся {local.day} ")
            assert reminder["message"].endswith(f" в {local:%H:%M} (UTC+3).")
    settle(stack)
    kinds = {
        person.name: [type_ for type_, _, _ in person.read()[seen[person.name] :]]
        for person in (olga, yes, no)
    }
    assert kinds == {
        "Olga": ["participant_responded", "event_reminder"],
        "Reminded": ["event_invited", "event_updated", "event_reminder"],
        "Declining": ["event_invited", "event_updated"],
    }
