"""Wanted fields decide an event's update, without a database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from convoke_api.events.update import VISIBLE_FIELDS, Update, decide_update

CURRENT: dict[str, Any] = {
    "id": "never looked at",
    "title": "Планёрка",
    "description": None,
    "location": "Зал 1",
    "starts_at": datetime(2030, 3, 1, 7, tzinfo=UTC),
    "ends_at": datetime(2030, 3, 1, 8, tzinfo=UTC),
    "all_day": False,
    "time_zone": "Europe/Moscow",
    "reminder_minutes": [5, 60],
    "sequence": 4,
}
OTHER: dict[str, Any] = {
    "title": "Итоги",
    "description": "Подробно",
    "location": None,
    "starts_at": datetime(2030, 3, 1, 6, tzinfo=UTC),
    "ends_at": datetime(2030, 3, 1, 9, tzinfo=UTC),
    "all_day": True,
    "time_zone": "Europe/Berlin",
}


def decide(**wanted: Any) -> Update:
    update = decide_update(CURRENT, wanted)
    assert update is not None
    return update


@pytest.mark.parametrize("field", VISIBLE_FIELDS)
def test_each_visible_field_is_a_change_from_what_to_what(field: str) -> None:
    update = decide(**{field: OTHER[field]})

    assert update.columns == {name: value for name, value in CURRENT.items() if name != "id"} | {
        field: OTHER[field],
        "sequence": 5,
    }
    assert list(update.changes) == [field]
    old, new = update.changes[field]
    if isinstance(OTHER[field], datetime):
        assert (datetime.fromisoformat(old), datetime.fromisoformat(new)) == (CURRENT[field], OTHER[field])
    else:
        assert (old, new) == (CURRENT[field], OTHER[field])


def test_several_fields_are_one_update() -> None:
    update = decide(**OTHER)
    assert list(update.changes) == list(VISIBLE_FIELDS)
    assert update.columns["sequence"] == 5


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {name: CURRENT[name] for name in VISIBLE_FIELDS},
        {"starts_at": datetime.fromisoformat("2030-03-01T10:00:00+03:00")},
        {"reminder_minutes": [60, 5]},
        {"sequence": 4},
        {"sequence": 3},
        {"sequence": 0},
    ],
)
def test_what_is_so_already_is_no_update(wanted: dict[str, Any]) -> None:
    assert decide_update(CURRENT, wanted) is None


@pytest.mark.parametrize("minutes", [[], [5], [5, 60, 0], [6, 60]])
def test_other_reminders_are_an_update_that_nobody_sees(minutes: list[int]) -> None:
    update = decide(reminder_minutes=minutes)
    assert (update.changes, update.columns["sequence"]) == ({}, 4)
    assert update.columns["reminder_minutes"] == minutes


@pytest.mark.parametrize(
    ("wanted", "sequence"),
    [
        ({"sequence": 5}, 5),
        ({"sequence": 2_147_483_647}, 2_147_483_647),
        ({"title": "x"}, 5),
        ({"title": "x", "sequence": 0}, 5),
        ({"title": "x", "sequence": 4}, 5),
        ({"title": "x", "sequence": 5}, 5),
        ({"title": "x", "sequence": 6}, 6),
    ],
)
def test_the_sequence_goes_up_by_one_or_to_the_higher_number_given(
    wanted: dict[str, Any], sequence: int
) -> None:
    update = decide(**wanted)
    assert update.columns["sequence"] == sequence
    assert "sequence" not in update.changes


def test_the_highest_sequence_is_not_left_behind() -> None:
    highest = 2_147_483_647
    update = decide_update({**CURRENT, "sequence": highest}, {"title": "x"})
    assert update is not None
    assert update.columns["sequence"] == highest
    assert "title" in update.changes


def test_null_is_a_value_and_absence_is_none() -> None:
    assert decide(location=None).changes == {"location": ["Зал 1", None]}
    assert decide(description="").changes == {"description": [None, ""]}
