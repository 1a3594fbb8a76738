"""Reminders move with the event, end with it, and reach those who take part when they fall due."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from integration.api.client import Client
from integration.changes.world import EVENT_BODY, World, from_now, inbox, kinds

START = datetime.fromisoformat(EVENT_BODY["starts_at"])


def before(start: datetime, *minutes: int) -> list[datetime]:
    return sorted(start - timedelta(minutes=it) for it in minutes)


def soon(minutes: float, **fields: Any) -> dict[str, Any]:
    """Fields of an event that starts in so many minutes, and lasts for an hour."""
    return {"starts_at": from_now(minutes=minutes), "ends_at": from_now(minutes=minutes + 60), **fields}


def test_rescheduling_withdraws_the_old_reminders_and_writes_new_ones(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, reminder_minutes=[15, 60])
    old = {row["id"] for row in world.outbox(event, "event_reminder")}
    assert world.reminders(event) == before(START, 60, 15)

    response = anna.patch(f"/v1/events/{event['id']}", {"starts_at": "2030-03-01T07:20:00Z"})

    assert response.status == 200
    assert world.reminders(event) == before(datetime.fromisoformat(response.json["starts_at"]), 60, 15)
    rows = world.outbox(event, "event_reminder")
    assert {row["id"] for row in rows if row["cancelled_at"]} == old
    for row in rows:
        # Ids sort by the time of the change, and hold it: a version 7 UUID begins with its milliseconds.
        assert row["id"].int >> 80 == int(row["due_at"].timestamp() * 1000)
        assert row["recipient_ids"] is None


def test_a_reminder_that_was_withdrawn_notifies_nobody_though_its_message_arrives(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, **soon(30, reminder_minutes=[10]))
    anna.patch(f"/v1/events/{event['id']}", soon(90))
    old, new = (row["id"] for row in world.outbox(event, "event_reminder"))

    world.pass_time(event, minutes=21)
    assert world.work([row["id"] for row in world.outbox(event, "event_reminder")]) == []

    assert old != new
    assert "event_reminder" not in kinds(boris)
    world.pass_time(event, minutes=60)
    world.deliver(event)
    assert kinds(boris) == ["event_reminder", "event_invited", "event_updated"]


@pytest.mark.parametrize(
    "change", [{"title": "Итоги"}, {"location": "Зал 2"}, {"ends_at": "2030-03-01T09:00:00Z"}]
)
def test_a_reminder_that_is_still_right_stays_in_its_place(
    world: World, anna: Client, boris: Client, change: dict[str, Any]
) -> None:
    event = world.plan(anna, boris, reminder_minutes=[15, 60])
    rows = world.outbox(event, "event_reminder")

    anna.patch(f"/v1/events/{event['id']}", change)

    now = world.outbox(event, "event_reminder")
    assert [(row["id"], row["due_at"], row["cancelled_at"]) for row in now] == [
        (row["id"], row["due_at"], None) for row in rows
    ]


@pytest.mark.parametrize("minutes", [9, 11], ids=["to come", "due and undelivered"])
def test_a_reminder_tells_of_the_event_as_it_has_become(
    world: World, anna: Client, boris: Client, carol: Client, minutes: int
) -> None:
    event = world.plan(anna, boris, carol, **soon(40, reminder_minutes=[10]))
    world.pass_time(event, minutes=20 + minutes)

    response = anna.patch(f"/v1/events/{event['id']}", {"title": "Итоги"})

    assert response.status == 200
    if minutes < 10:
        world.pass_time(event, minutes=10 - minutes)
    world.deliver(event)
    for person in (anna, boris):
        (message,) = inbox(person, "event_reminder")
        assert message.startswith("Встреча «Итоги» начнётся ")
    (message,) = inbox(carol, "event_reminder")
    assert message.startswith("The meeting “Итоги” starts on ")


def test_a_reminder_names_the_start_in_the_zone_of_its_reader(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    event = world.plan(anna, boris, carol, reminder_minutes=[0])
    # As if it were then: the row is due, and what it says stays.
    world.query(
        "UPDATE outbox SET due_at = now() WHERE event_id = :id AND type = 'event_reminder'", id=event["id"]
    )
    world.deliver(event)
    assert inbox(anna, "event_reminder") == ["Встреча «Планёрка» начнётся 1 марта 2030 г. в 10:00 (UTC+3)."]
    assert inbox(boris, "event_reminder") == ["Встреча «Планёрка» начнётся 1 марта 2030 г. в 17:00 (UTC+10)."]
    assert inbox(carol, "event_reminder") == [
        "The meeting “Планёрка” starts on March 1, 2030 at 2:00 AM (UTC-5)."
    ]


def test_moved_away_and_back_reminds_once(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris, **soon(40, reminder_minutes=[10]))
    path = f"/v1/events/{event['id']}"
    for times in (soon(300), {name: event[name] for name in ("starts_at", "ends_at")}):
        assert anna.patch(path, times).status == 200

    assert world.reminders(event) == before(datetime.fromisoformat(event["starts_at"]), 10)
    world.pass_time(event, minutes=31)
    world.deliver(event)
    assert kinds(anna) == ["event_reminder"]


def test_what_was_reminded_of_is_reminded_of_again_at_a_new_time_and_at_no_old_one(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, **soon(30, reminder_minutes=[20]))
    path = f"/v1/events/{event['id']}"
    world.pass_time(event, minutes=11)
    world.deliver(event)
    assert kinds(anna) == ["event_reminder"]

    # The reminder that was delivered is due at the same time still: it is not written again.
    anna.patch(path, {"title": "Итоги"})
    world.deliver(event)
    assert kinds(anna) == ["event_reminder"]

    anna.patch(path, soon(60))
    world.pass_time(event, minutes=41)
    world.deliver(event)
    assert kinds(anna) == ["event_reminder"] * 2


def test_other_reminder_minutes_keep_what_is_in_both_and_notify_nobody(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, reminder_minutes=[5, 15])
    rows = {row["due_at"]: row["id"] for row in world.outbox(event, "event_reminder")}

    anna.patch(f"/v1/events/{event['id']}", {"reminder_minutes": [15, 60]})

    assert world.reminders(event) == before(START, 15, 60)
    live = {
        row["due_at"]: row["id"] for row in world.outbox(event, "event_reminder") if not row["cancelled_at"]
    }
    (kept,) = before(START, 15)
    assert live[kept] == rows[kept]
    assert world.outbox(event, "event_updated") == []
    anna.patch(f"/v1/events/{event['id']}", {"reminder_minutes": []})
    assert world.reminders(event) == []


def test_another_start_and_other_minutes_that_fall_on_the_same_time_are_one_reminder(
    world: World, anna: Client
) -> None:
    event = world.plan(anna, reminder_minutes=[15])
    change = {"starts_at": "2030-03-01T07:15:00Z", "reminder_minutes": [30]}
    anna.patch(f"/v1/events/{event['id']}", change)
    (row,) = world.outbox(event, "event_reminder")
    assert (row["cancelled_at"], [row["due_at"]]) == (None, before(START, 15))
    assert row["payload"]["starts_at"].startswith("2030-03-01T07:15:00")


def test_what_is_past_already_is_not_reminded_of(world: World, anna: Client) -> None:
    event = world.plan(anna, reminder_minutes=[5, 60])
    response = anna.patch(f"/v1/events/{event['id']}", soon(30))
    assert world.reminders(event) == before(datetime.fromisoformat(response.json["starts_at"]), 5)
    anna.patch(f"/v1/events/{event['id']}", soon(-30))
    assert world.reminders(event) == []


def test_a_cancelled_event_reminds_nobody(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris, **soon(30, reminder_minutes=[10, 29]))
    world.pass_time(event, minutes=2)

    assert anna.delete(f"/v1/events/{event['id']}").status == 204

    assert world.reminders(event) == []
    world.pass_time(event, minutes=30)
    assert world.work([row["id"] for row in world.outbox(event, "event_reminder")]) == []
    world.deliver(event)
    assert kinds(anna) == []
    assert kinds(boris) == ["event_invited", "event_cancelled"]


def test_a_reminder_is_never_early_and_not_lost_when_its_message_was(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, **soon(30, reminder_minutes=[10]))
    (reminder,) = world.outbox(event, "event_reminder")

    assert world.work([reminder["id"]] * 2) == []

    assert kinds(anna) == []
    assert world.reminders(event) == [reminder["due_at"]]
    world.pass_time(event, minutes=21)
    world.deliver(event)
    assert kinds(anna) == ["event_reminder"]


def test_reminded_are_the_organizer_and_who_takes_part_then_and_has_not_declined(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    removed, later, maybe = (world.person(name) for name in ("removed", "later", "maybe"))
    event = world.plan(anna, boris, carol, removed, maybe, **soon(30, reminder_minutes=[10]))
    path = f"/v1/events/{event['id']}"
    for person, response in ((boris, "accepted"), (carol, "accepted"), (maybe, "tentative")):
        person.patch(f"{path}/participants/me", {"response_status": response})
    assert anna.delete(f"{path}/participants/{removed.id}").status == 204
    assert anna.post(f"{path}/participants", {"participant_ids": [later.id]}).status == 200
    carol.patch(f"{path}/participants/me", {"response_status": "declined"})

    world.pass_time(event, minutes=21)
    world.deliver(event)

    reminded = {
        person.email.partition("@")[0]
        for person in (anna, boris, carol, removed, later, maybe)
        if "event_reminder" in kinds(person)
    }
    assert reminded == {"anna", "boris", "later", "maybe"}


def test_an_organizer_who_takes_part_is_reminded_once_and_also_when_they_decline(
    world: World, anna: Client
) -> None:
    event = world.plan(anna, anna, **soon(30, reminder_minutes=[10]))
    anna.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": "declined"})
    world.pass_time(event, minutes=21)
    world.deliver(event)
    assert kinds(anna) == ["event_reminder"]


@pytest.mark.parametrize(("minutes", "reminder", "delay"), [(20, 10, 600), (14, 0, 840), (40, 10, None)])
def test_a_reminder_that_a_change_brings_near_is_sent_with_its_delay(
    world: World, anna: Client, minutes: int, reminder: int, delay: int | None
) -> None:
    event = world.plan(anna, reminder_minutes=[reminder])
    assert world.queue.sent == []

    anna.patch(f"/v1/events/{event['id']}", soon(minutes))

    (row,) = (row for row in world.outbox(event, "event_reminder") if row["cancelled_at"] is None)
    if delay is None:
        assert world.queue.sent == []
        # The relay looks at it exactly when it falls due.
        assert row["next_attempt_at"] == row["due_at"]
        return
    ((message, sent_delay),) = world.queue.sent
    assert message.outbox_id == row["id"]
    assert row["next_attempt_at"] == row["due_at"] + timedelta(seconds=120)
    # Never early: the delay is rounded up.
    ahead = (row["due_at"] - row["created_at"]).total_seconds()
    assert delay - 60 < sent_delay <= ahead + 1


@pytest.mark.parametrize(
    ("body", "titles", "cancelled"),
    [
        ({"title": "Итоги"}, {"Итоги"}, False),
        ({"starts_at": "2030-03-01T06:00:00Z"}, {"Планёрка"}, True),
        (None, {"Планёрка"}, True),
    ],
    ids=["title", "time", "cancellation"],
)
def test_what_the_relay_is_sending_meanwhile_is_changed_all_the_same(
    world: World, anna: Client, body: dict[str, Any] | None, titles: set[str], cancelled: bool
) -> None:
    event = world.plan(anna, reminder_minutes=[5, 15])
    rows = {row["id"] for row in world.outbox(event)}
    sending = "UPDATE outbox SET attempts = attempts + 1 WHERE event_id = :id"

    with world.held(sending, id=event["id"]):
        response = world.call_aside(anna, "PATCH" if body else "DELETE", f"/v1/events/{event['id']}", body)

    assert response().status == (200 if body else 204)
    changed = [row for row in world.outbox(event, "event_reminder") if row["id"] in rows]
    assert len(changed) == 2
    assert {row["payload"]["title"] for row in changed} == titles
    assert {row["cancelled_at"] is not None for row in changed} == {cancelled}
    assert {row["attempts"] for row in changed} == {1}


@pytest.mark.parametrize("body", [{"title": "Итоги"}, {"starts_at": "2030-03-01T06:00:00Z"}, None])
def test_a_reminder_that_is_being_delivered_meanwhile_stays_delivered(
    world: World, anna: Client, body: dict[str, Any] | None
) -> None:
    event = world.plan(anna, reminder_minutes=[5])
    delivering = "UPDATE outbox SET delivered_at = now(), written = 1, muted = 0 WHERE event_id = :id"

    with world.held(delivering, id=event["id"]):
        response = world.call_aside(anna, "PATCH" if body else "DELETE", f"/v1/events/{event['id']}", body)

    assert response().status == (200 if body else 204)
    (delivered,) = (row for row in world.outbox(event) if row["delivered_at"] is not None)
    assert (delivered["cancelled_at"], delivered["payload"]["title"]) == (None, "Планёрка")
