"""One event from its creation to its end on the whole stack: the inboxes of its people after each step."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from e2e.conftest import Stack
from e2e.story_people import PATIENCE_SECONDS, People, check_inboxes, settle
from e2e.story_texts import KATHMANDU, LANGUAGES, MOSCOW, MOVED, NEW_YORK, PLANNED, TOKYO, WHEN, ZONES


@pytest.fixture
def people(stack: Stack) -> Iterator[People]:
    made = People(stack)
    yield made
    made.close()


def test_an_event_for_twelve_is_created_responded_to_moved_joined_left_and_cancelled(
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

    # Olga creates the event; one half is invited by address, the other by id.
    event = {
        "title": "Планёрка",
        **PLANNED,
        "time_zone": MOSCOW,
        "participant_emails": [it.email for it in twelve[:6]],
        "participant_ids": [it.id for it in twelve[6:]],
        "reminder_minutes": [15, 1440],
    }
    path = f"/v1/events/{olga.call('POST', '/v1/events', event)['id']}"
    for person in twelve:
        person.expect("event_invited")
    check_inboxes(everybody)

    # Two accept, one declines, and one repeats the response.
    when = WHEN[olga.language, olga.zone][0]
    for person, status, words in (
        (yes, "accepted", "{} принимает приглашение на встречу «Планёрка». Когда: {}."),
        (no, "declined", "{} отклоняет приглашение на встречу «Планёрка». Когда: {}."),
        (also_yes, "accepted", "{} принимает приглашение на встречу «Планёрка». Когда: {}."),
    ):
        response = {"response_status": status}
        assert person.call("PATCH", f"{path}/participants/me", response)["response_status"] == status
        olga.expect_text("participant_responded", words.format(person.name, when))
    yes.call("PATCH", f"{path}/participants/me", {"response_status": "accepted"})
    check_inboxes(everybody)
    counts = olga.call("GET", path)["participant_counts"]
    assert counts == {"total": 12, "needs_action": 9, "accepted": 2, "declined": 1, "tentative": 0}

    # She moves the event, and repeats the request.
    for _ in range(2):
        assert olga.call("PATCH", path, MOVED)["sequence"] == 1
    for person in twelve:
        person.expect("event_updated")
    check_inboxes(everybody)

    # She adds two; participants are not invited again.
    body = {"participant_ids": [it.id for it in (*late, yes, no)]}
    assert olga.call("POST", f"{path}/participants", body) == {"added": 2}
    for person in late:
        person.expect("invited later", "event_invited")
    check_inboxes(everybody)

    # She removes one participant.
    olga.call("DELETE", f"{path}/participants/{removed.id}")
    removed.expect("participant_removed")
    check_inboxes(everybody)
    assert removed.http.get(path).status_code == 404

    # She cancels the event, twice.
    for _ in range(2):
        olga.call("DELETE", path)
    for person in (*twelve, *late):
        if person is not removed:
            person.expect("event_cancelled")
    check_inboxes(everybody)

    # When no delivery is pending, the inboxes are still the same.
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
    event = {
        "title": "Скоро",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=30)).isoformat(),
        "participant_ids": [yes.id, no.id],
        "reminder_minutes": [30],
    }
    path = f"/v1/events/{olga.call('POST', '/v1/events', event)['id']}"
    no.call("PATCH", f"{path}/participants/me", {"response_status": "declined"})

    # The event is moved so that its reminder is due in a few seconds.
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
