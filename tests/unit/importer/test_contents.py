"""Texts, reminders and UIDs of an event, within the API's limits."""

import pytest
from unit.importer.calendar_text import calendar, event, plan_creation


def test_texts_at_the_limit_stay_and_longer_ones_are_cut_and_noted() -> None:
    lines = ["DESCRIPTION:" + "d" * 5_000, "LOCATION:" + "l" * 500]
    plan = plan_creation(calendar(event(*lines, SUMMARY=":" + "ы" * 200)))
    assert plan.notes == ()
    plan = plan_creation(calendar(event(*(line + "x" for line in lines), SUMMARY=":" + "ы" * 201)))
    assert plan.request["title"] == "ы" * 199 + "…"
    assert [len(str(plan.request[name])) for name in ("title", "description", "location")] == [
        200,
        5_000,
        500,
    ]
    assert plan.notes == (
        "a title was cut to 200 characters",
        "a description was cut to 5000 characters",
        "a location was cut to 500 characters",
    )


def test_a_title_takes_one_line() -> None:
    assert plan_creation(calendar(event(SUMMARY=":  Two\\nlines  "))).request["title"] == "Two lines"


def test_control_characters_are_taken_out_and_noted() -> None:
    plan = plan_creation(calendar(event("DESCRIPTION:a\x00b\x1b\ufffe\tc\\nd")))
    assert plan.request["description"] == "ab\tc\nd"
    assert plan.notes == ("control characters were taken out of a description",)


@pytest.mark.parametrize("summary", [None, ":", ":   ", ":\x01"])
def test_an_event_without_title_says_so(summary: str | None) -> None:
    assert plan_creation(calendar(event(SUMMARY=summary))).request["title"] == "(untitled)"


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (["LOCATION:Переговорная"], {}),
        (["DESCRIPTION:ёж"], {}),
        ([], {"X_WR_CALNAME": "Работа"}),
        ([], {"PRODID": "-//Example//Calendar//RU"}),
    ],
)
def test_an_event_without_title_says_so_in_the_language_of_the_calendar(
    lines: list[str], header: dict[str, str]
) -> None:
    plan = plan_creation(calendar(event(*lines, SUMMARY=None), **header))
    assert plan.request["title"] == "(без названия)"


def alarm(trigger: str) -> str:
    return f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER{trigger}\r\nEND:VALARM"


def test_alarms_before_the_start_become_reminders() -> None:
    triggers = [":-PT15M", ":-P1D", ";RELATED=START:PT0S", ":-PT15M", ":-PT90S"]
    plan = plan_creation(calendar(event(*map(alarm, triggers))))
    assert plan.request["reminder_minutes"] == [0, 2, 15, 1440]
    assert plan.notes == ()


@pytest.mark.parametrize(
    "trigger",
    [":PT5M", ";RELATED=END:-PT5M", ";VALUE=DATE-TIME:20270301T090000Z", ":-P29D", ":soon", ":PT1S"],
)
def test_other_alarms_are_left_out_and_noted(trigger: str) -> None:
    plan = plan_creation(calendar(event(alarm(trigger))))
    assert plan.request["reminder_minutes"] == []
    assert plan.notes == ("an alarm other than up to 28 days before the start was left out",)


def test_of_many_alarms_the_last_five_are_kept() -> None:
    plan = plan_creation(calendar(event(*(alarm(f":-PT{minutes}M") for minutes in range(7, 0, -1)))))
    assert plan.request["reminder_minutes"] == [1, 2, 3, 4, 5]
    assert plan.notes == ("of more than 5 alarms the last 5 were kept",)


@pytest.mark.parametrize(
    ("text", "sequence", "noted"),
    [
        ("7", 7, False),
        ("2147483647", 2**31 - 1, False),
        ("2147483648", 0, True),
        ("-1", 0, True),
        ("x", 0, True),
    ],
)
def test_a_sequence_is_a_number_of_the_api(text: str, sequence: int, noted: bool) -> None:
    plan = plan_creation(calendar(event(f"SEQUENCE:{text}")))
    assert plan.request["sequence"] == sequence
    assert bool(plan.notes) is noted
