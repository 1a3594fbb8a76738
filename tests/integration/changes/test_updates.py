"""PATCH /v1/events/{event_id}: what changes, who is notified of it, and in which words."""

from typing import Any

import pytest
from integration.api.client import Client, check_problem, pointers, version_of
from integration.changes.world import World, inbox, kinds, notifications

#: The event of most tests, as its readers see it: 10:00 in Moscow.
BORIS_WHEN = "пятница, 1 марта 2030 г., 17:00–17:30 (UTC+10)"
CAROL_WHEN = "Friday, March 1, 2030, 2:00 – 2:30 AM (UTC-5)"

ALL_DAY = {
    "starts_at": "2030-03-01T00:00:00+03:00",
    "ends_at": "2030-03-03T00:00:00+03:00",
    "all_day": True,
}


@pytest.fixture
def planned(world: World, anna: Client, boris: Client, carol: Client) -> dict[str, Any]:
    """Anna's event with Boris and Carol, who have been invited."""
    event = world.plan(anna, boris, carol, location="Зал 1")
    world.deliver(event)
    return event


def ru(when: str, *sentences: str, title: str = "Планёрка") -> str:
    return " ".join(
        [f"Встреча «{title}» была изменена. Организатор: Anna. Когда: {when.rstrip('.')}.", *sentences]
    )


def en(when: str, *sentences: str, title: str = "Планёрка") -> str:
    return " ".join([f"The meeting “{title}” was changed. Organizer: Anna. When: {when}.", *sentences])


@pytest.mark.parametrize(
    ("change", "russian", "english"),
    [
        pytest.param(
            {"title": "Ретроспектива"},
            ru(BORIS_WHEN, "Название: «Ретроспектива» (было: «Планёрка»).", title="Ретроспектива"),
            en(CAROL_WHEN, "Title: “Ретроспектива” (was: “Планёрка”).", title="Ретроспектива"),
            id="title",
        ),
        pytest.param(
            {"description": "Итоги\nнедели"},
            ru(BORIS_WHEN, "Добавлено описание: «Итоги недели»."),
            en(CAROL_WHEN, "A description was added: “Итоги недели”."),
            id="description",
        ),
        pytest.param(
            {"location": "Зал 2"},
            ru(BORIS_WHEN, "Место: «Зал 2» (было: «Зал 1»)."),
            en(CAROL_WHEN, "Location: “Зал 2” (was: “Зал 1”)."),
            id="location",
        ),
        pytest.param(
            {"location": None},
            ru(BORIS_WHEN, "Место больше не указано (было: «Зал 1»)."),
            en(CAROL_WHEN, "There is no location any more (was: “Зал 1”)."),
            id="location removed",
        ),
        pytest.param(
            {"starts_at": "2030-03-01T06:45:00Z"},
            ru("пятница, 1 марта 2030 г., 16:45–17:30 (UTC+10)", f"Раньше было: {BORIS_WHEN}."),
            en("Friday, March 1, 2030, 1:45 – 2:30 AM (UTC-5)", f"It was: {CAROL_WHEN}."),
            id="starts_at",
        ),
        pytest.param(
            {"ends_at": "2030-03-01T08:00:00Z"},
            ru("пятница, 1 марта 2030 г., 17:00–18:00 (UTC+10)", f"Раньше было: {BORIS_WHEN}."),
            en("Friday, March 1, 2030, 2:00 – 3:00 AM (UTC-5)", f"It was: {CAROL_WHEN}."),
            id="ends_at",
        ),
        pytest.param(
            # Over a change of clocks in New York: the reader's own offset, before and after.
            {"starts_at": "2030-04-01T10:00:00+03:00", "ends_at": "2030-04-01T10:30:00+03:00"},
            ru("понедельник, 1 апреля 2030 г., 17:00–17:30 (UTC+10)", f"Раньше было: {BORIS_WHEN}."),
            en("Monday, April 1, 2030, 3:00 – 3:30 AM (UTC-4)", f"It was: {CAROL_WHEN}."),
            id="both",
        ),
        pytest.param(
            ALL_DAY,
            ru("1–2 марта 2030 г.", f"Раньше было: {BORIS_WHEN}."),
            en("March 1–2, 2030", f"It was: {CAROL_WHEN}."),
            id="all_day",
        ),
        pytest.param(
            {"time_zone": "Europe/Berlin"},
            ru(BORIS_WHEN, "Часовой пояс встречи: Europe/Berlin (был: Europe/Moscow)."),
            en(CAROL_WHEN, "Time zone of the meeting: Europe/Berlin (was: Europe/Moscow)."),
            id="time_zone",
        ),
    ],
)
def test_participants_are_told_what_changed_from_what_to_what_in_their_language_and_zone(
    world: World,
    planned: dict[str, Any],
    anna: Client,
    boris: Client,
    carol: Client,
    change: dict[str, Any],
    russian: str,
    english: str,
) -> None:
    before = anna.get(f"/v1/events/{planned['id']}").json

    response = anna.patch(f"/v1/events/{planned['id']}", change)

    assert response.status == 200
    after = anna.get(f"/v1/events/{planned['id']}")
    assert response.json == after.json
    assert response.headers["etag"] == after.headers["etag"]
    assert version_of(response) == "2"
    untouched = before.keys() - change.keys() - {"version", "sequence", "updated_at"}
    assert {name: response.json[name] for name in untouched} == {name: before[name] for name in untouched}
    assert (response.json["version"], response.json["sequence"]) == (2, 1)
    world.deliver(planned)
    assert inbox(boris, "event_updated") == [russian]
    assert inbox(carol, "event_updated") == [english]
    assert inbox(anna) == []
    (told,) = notifications(boris, "event_updated")
    assert (told["title"], told["actor"]) == ("Встреча изменена", {"id": anna.id, "full_name": "Anna"})


def test_several_changes_at_once_are_one_notification(
    world: World, planned: dict[str, Any], anna: Client, boris: Client
) -> None:
    change = {
        "title": "Итоги",
        "location": "Зал 2",
        "description": "Подробно",
        "ends_at": "2030-03-01T08:00:00Z",
    }

    assert anna.patch(f"/v1/events/{planned['id']}", change).json["sequence"] == 1

    world.deliver(planned)
    assert inbox(boris, "event_updated") == [
        ru(
            "пятница, 1 марта 2030 г., 17:00–18:00 (UTC+10)",
            f"Раньше было: {BORIS_WHEN}.",
            "Название: «Итоги» (было: «Планёрка»).",
            "Место: «Зал 2» (было: «Зал 1»).",
            "Добавлено описание: «Подробно».",
            title="Итоги",
        )
    ]


def test_a_long_description_is_not_quoted(
    world: World, planned: dict[str, Any], anna: Client, carol: Client
) -> None:
    for text in ("x" * 121, "y" * 5_000, None):
        assert anna.patch(f"/v1/events/{planned['id']}", {"description": text}).status == 200
    world.deliver(planned)
    assert inbox(carol, "event_updated") == [
        en(CAROL_WHEN, "A description was added."),
        en(CAROL_WHEN, "The description was changed."),
        en(CAROL_WHEN, "The description was removed."),
    ]


@pytest.mark.parametrize("change", [{"reminder_minutes": [5, 60]}, {"sequence": 7}])
def test_what_nobody_sees_is_a_version_and_told_to_nobody(
    world: World, planned: dict[str, Any], anna: Client, boris: Client, change: dict[str, Any]
) -> None:
    response = anna.patch(f"/v1/events/{planned['id']}", change)

    assert version_of(response) == "2"
    assert response.json == {
        **planned,
        **change,
        "version": 2,
        "updated_at": response.json["updated_at"],
    }
    assert response.json["updated_at"] > planned["updated_at"]
    assert world.outbox(planned, "event_updated") == []
    world.deliver(planned)
    assert kinds(boris) == ["event_invited"]


@pytest.mark.parametrize(
    "nothing",
    [
        {},
        {"title": "Планёрка", "location": "Зал 1", "description": None},
        # The same instants, written otherwise.
        {"starts_at": "2030-03-01T07:00:00Z", "ends_at": "2030-03-01T02:30:00-05:00"},
        {"reminder_minutes": [60, 5], "sequence": 3},
        {"sequence": 2},
    ],
)
def test_a_change_of_nothing_changes_nothing(
    world: World, anna: Client, boris: Client, nothing: dict[str, Any]
) -> None:
    event = world.plan(anna, boris, location="Зал 1", reminder_minutes=[5, 60], sequence=3)
    sent = len(world.queue.sent)

    response = anna.patch(f"/v1/events/{event['id']}", nothing)

    assert (response.status, version_of(response), response.json) == (200, "1", event)
    assert len(world.queue.sent) == sent
    world.deliver(event)
    assert kinds(boris) == ["event_invited"]


@pytest.mark.parametrize(
    "name", ["title", "starts_at", "ends_at", "all_day", "time_zone", "reminder_minutes", "sequence"]
)
def test_null_removes_a_description_and_a_location_and_nothing_else(
    planned: dict[str, Any], anna: Client, name: str
) -> None:
    path = f"/v1/events/{planned['id']}"
    assert all(pointer.startswith(f"/{name}") for pointer in pointers(anna.patch(path, {name: None})))
    assert anna.get(path).json == planned
    removed = anna.patch(path, {"description": None, "location": None}).json
    assert (removed["description"], removed["location"]) == (None, None)


def test_an_empty_text_is_none_to_its_readers(
    world: World, planned: dict[str, Any], anna: Client, carol: Client
) -> None:
    assert anna.patch(f"/v1/events/{planned['id']}", {"location": ""}).json["location"] == ""
    world.deliver(planned)
    assert inbox(carol, "event_updated") == [en(CAROL_WHEN, "There is no location any more (was: “Зал 1”).")]


@pytest.mark.parametrize(
    ("kept", "change", "pointer"),
    [
        ({}, {"ends_at": "2030-03-01T06:59:59Z"}, "/ends_at"),
        ({}, {"starts_at": "2030-03-01T07:30:00.000001Z"}, "/ends_at"),
        ({}, {"all_day": True}, "/starts_at"),
        ({}, {"all_day": True, "starts_at": "2030-03-01T00:00:00+03:00"}, "/ends_at"),
        (ALL_DAY, {"time_zone": "Europe/Berlin"}, "/starts_at"),
        (ALL_DAY, {"starts_at": "2030-03-01T00:00:00Z"}, "/starts_at"),
        (ALL_DAY, {"ends_at": "2030-03-02T12:00:00+03:00"}, "/ends_at"),
    ],
)
def test_a_time_that_would_not_be_possible_is_refused_and_nothing_changes(
    world: World, anna: Client, boris: Client, kept: dict[str, Any], change: dict[str, Any], pointer: str
) -> None:
    event = world.plan(anna, boris, **kept, reminder_minutes=[5])
    path = f"/v1/events/{event['id']}"

    assert pointers(anna.patch(path, {"title": "Другое", **change})) == [pointer]

    assert anna.get(path).json == event
    assert [row["type"] for row in world.outbox(event)] == ["event_invited", "event_reminder"]
    assert [row["cancelled_at"] for row in world.outbox(event)] == [None, None]


@pytest.mark.parametrize(
    "change", [{"organizer_id": "x"}, {"status": "cancelled"}, {"version": 9}, {"uid": "u"}]
)
def test_what_is_not_for_callers_to_set_is_refused(
    planned: dict[str, Any], anna: Client, change: dict[str, Any]
) -> None:
    (name,) = change
    assert pointers(anna.patch(f"/v1/events/{planned['id']}", change)) == [f"/{name}"]


def test_the_sequence_counts_visible_changes_or_takes_the_higher_number_given(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, sequence=4)

    def sequence_after(**change: Any) -> int:
        return int(anna.patch(f"/v1/events/{event['id']}", change).json["sequence"])

    assert sequence_after(title="1") == 5
    assert sequence_after(title="2", sequence=3) == 6
    assert sequence_after(title="3", sequence=6) == 7
    assert sequence_after(title="4", sequence=8) == 8
    assert sequence_after(title="5", sequence=20) == 20
    assert sequence_after(sequence=21) == 21
    assert sequence_after(sequence=20) == 21
    assert sequence_after(reminder_minutes=[1]) == 21


def test_a_sequence_at_its_end_stays_there(world: World, anna: Client, boris: Client) -> None:
    # RFC 5545, 3.3.8: an integer goes up to 2147483647.
    event = world.plan(anna, boris, sequence=2**31 - 1)
    path = f"/v1/events/{event['id']}"

    changed = anna.patch(path, {"title": "Итоги"})

    assert (changed.status, changed.json["sequence"]) == (200, 2**31 - 1)
    assert anna.delete(path).status == 204
    assert anna.get(path).json["sequence"] == 2**31 - 1
    world.deliver(event)
    assert kinds(boris) == ["event_invited", "event_updated", "event_cancelled"]


def test_only_the_organizer_changes_an_event_and_strangers_do_not_learn_of_it(
    world: World, planned: dict[str, Any], anna: Client, boris: Client
) -> None:
    stranger = world.person("stranger")
    path, missing = f"/v1/events/{planned['id']}", "/v1/events/00000000-0000-7000-8000-000000000000"
    for method, body in (("PATCH", {"title": "Мое"}), ("DELETE", None)):
        check_problem(boris.call(method, path, body), 403)
        refusal = stranger.call(method, path, body)
        check_problem(refusal, 404)
        assert refusal.text == stranger.call(method, missing, body).text
    assert anna.get(path).json == planned
    world.deliver(planned)
    assert kinds(boris) == ["event_invited"]


def test_a_cancelled_event_cannot_be_changed(
    world: World, planned: dict[str, Any], anna: Client, boris: Client
) -> None:
    path = f"/v1/events/{planned['id']}"
    assert anna.delete(path).status == 204
    cancelled = anna.get(path).json

    check_problem(anna.patch(path, {"title": "Другое"}), 409)
    check_problem(anna.patch(path, {}), 409)

    assert anna.get(path).json == cancelled
    assert cancelled == {
        **planned,
        "status": "cancelled",
        "version": 2,
        "sequence": 1,
        "updated_at": cancelled["updated_at"],
    }
    world.deliver(planned)
    assert kinds(boris) == ["event_invited", "event_cancelled"]


def test_cancelling_twice_notifies_nobody_twice(
    world: World, planned: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    path = f"/v1/events/{planned['id']}"

    assert [anna.delete(path).status for _ in range(3)] == [204, 204, 204]

    world.deliver(planned)
    assert version_of(anna.get(path)) == "2"
    assert inbox(boris, "event_cancelled") == [
        f"Встреча «Планёрка» была отменена. Организатор: Anna. Планировалось: {BORIS_WHEN}."
    ]
    assert inbox(carol, "event_cancelled") == [
        f"The meeting “Планёрка” was cancelled. Organizer: Anna. It was planned for {CAROL_WHEN}."
    ]
    assert inbox(anna) == []


def test_a_participant_who_declined_is_notified_of_changes_all_the_same(
    world: World, planned: dict[str, Any], anna: Client, boris: Client
) -> None:
    boris.patch(f"/v1/events/{planned['id']}/participants/me", {"response_status": "declined"})
    anna.patch(f"/v1/events/{planned['id']}", {"title": "Итоги"})
    anna.delete(f"/v1/events/{planned['id']}")
    world.deliver(planned)
    assert kinds(boris) == ["event_invited", "event_updated", "event_cancelled"]


def test_an_organizer_who_takes_part_is_not_notified_of_the_own_changes(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, anna, boris)
    anna.patch(f"/v1/events/{event['id']}", {"title": "Итоги"})
    anna.delete(f"/v1/events/{event['id']}")
    world.deliver(event)
    assert kinds(anna) == []
    assert kinds(boris) == ["event_invited", "event_updated", "event_cancelled"]


def test_a_message_for_a_change_names_the_row_and_is_sent_once(
    world: World, planned: dict[str, Any], anna: Client
) -> None:
    world.queue.sent.clear()
    anna.patch(f"/v1/events/{planned['id']}", {"title": "Итоги"}, headers={"x-correlation-id": "c-7"})
    ((message, delay),) = world.queue.sent
    (row,) = world.outbox(planned, "event_updated")
    assert (message.outbox_id, message.type, delay) == (row["id"], "event_updated", 0)
    assert message.correlation_id == row["correlation_id"] == "c-7"


def test_changing_and_cancelling_take_as_many_statements_for_ten_thousand_people_as_for_ten(
    world: World, anna: Client
) -> None:
    counts = []
    for number in (10, 10_000):
        event = world.plan(anna, participant_ids=world.people(number), reminder_minutes=[5, 10])
        world.queue.calls.clear()
        for change in ({"title": "Итоги", "starts_at": "2030-03-01T06:00:00Z"}, None):
            with world.counted_statements() as statements:
                response = anna.call("PATCH" if change else "DELETE", f"/v1/events/{event['id']}", change)
            assert response.status in (200, 204)
            counts.append(len(statements))
        # A thousand recipients in a row of the outbox, a message for each row, all of them in one call.
        assert world.queue.calls == [-(-number // 1_000)] * 2
        told = [len(row["recipient_ids"]) for row in world.outbox(event, "event_updated")]
        assert sum(told) == number
    assert counts[:2] == counts[2:]
    assert max(counts) <= 4
