"""Every text, word for word, in both languages."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from convoke.embedding import fill_names
from convoke_worker.rendering.payloads import parse_payload
from convoke_worker.rendering.texts import Text, render

PAYLOAD: dict[str, Any] = {
    "version": 1,
    "title": "Планёрка",
    "starts_at": "2026-03-05T11:30:00+00:00",
    "ends_at": "2026-03-05T12:30:00+00:00",
    "all_day": False,
    "time_zone": "Europe/Moscow",
    "actor_id": "0b4f4c9e-7a0e-4f0c-9f57-3f3a5a0d6c11",
}


def _render(
    type_: str,
    language: str = "ru",
    zone: str = "Europe/Moscow",
    actor_name: str | None = "Анна Петрова",
    **payload: Any,
) -> Text:
    parsed = parse_payload(type_, PAYLOAD | payload)
    text = render(parsed, language=language, zone=ZoneInfo(zone))
    return Text(text.title, fill_names(text.message, actor_name))


@pytest.mark.parametrize(
    ("type_", "payload", "title", "message"),
    [
        (
            "event_invited",
            {},
            "Приглашение на встречу",
            "Вас пригласили на встречу «Планёрка». Организатор: Анна Петрова. "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
        (
            "event_updated",
            {
                "changes": {
                    "title": ["Летучка", "Планёрка"],
                    "starts_at": ["2026-03-04T11:30:00+00:00", "2026-03-05T11:30:00+00:00"],
                    "ends_at": ["2026-03-04T12:30:00+00:00", "2026-03-05T12:30:00+00:00"],
                    "location": ["Переговорная 1", "Переговорная 2"],
                    "description": ["Итоги", "Планы"],
                }
            },
            "Встреча изменена",
            "Встреча «Планёрка» была изменена. Организатор: Анна Петрова. "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3). "
            "Раньше было: среда, 4 марта 2026 г., 14:30–15:30 (UTC+3). "
            "Название: «Планёрка» (было: «Летучка»). "
            "Место: «Переговорная 2» (было: «Переговорная 1»). "
            "Описание: «Планы» (было: «Итоги»).",
        ),
        (
            "event_cancelled",
            {},
            "Встреча отменена",
            "Встреча «Планёрка» была отменена. Организатор: Анна Петрова. "
            "Планировалось: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
        (
            "event_reminder",
            {},
            "Скоро встреча",
            "Встреча «Планёрка» начнётся 5 марта 2026 г. в 14:30 (UTC+3).",
        ),
        (
            "participant_removed",
            {},
            "Вы больше не участник",
            "Вас удалили из участников встречи «Планёрка». Организатор: Анна Петрова. "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
        (
            "participant_responded",
            {"response_status": "accepted"},
            "Ответ на приглашение",
            "Анна Петрова принимает приглашение на встречу «Планёрка». "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
        (
            "participant_responded",
            {"response_status": "declined"},
            "Ответ на приглашение",
            "Анна Петрова отклоняет приглашение на встречу «Планёрка». "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
        (
            "participant_responded",
            {"response_status": "tentative"},
            "Ответ на приглашение",
            "Анна Петрова, возможно, придёт на встречу «Планёрка». "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
        (
            "participant_responded",
            {"response_status": "needs_action"},
            "Ответ на приглашение",
            "Анна Петрова отзывает свой ответ на приглашение на встречу «Планёрка». "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3).",
        ),
    ],
)
def test_each_type_reads_well_in_russian(
    type_: str, payload: dict[str, Any], title: str, message: str
) -> None:
    assert _render(type_, **payload) == Text(title, message)


@pytest.mark.parametrize(
    ("type_", "payload", "title", "message"),
    [
        (
            "event_invited",
            {},
            "Meeting invitation",
            "You are invited to the meeting “Планёрка”. Organizer: Анна Петрова. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
        (
            "event_updated",
            {
                "changes": {
                    "title": ["Stand-up", "Планёрка"],
                    "starts_at": ["2026-03-04T11:30:00+00:00", "2026-03-05T11:30:00+00:00"],
                    "ends_at": ["2026-03-04T12:30:00+00:00", "2026-03-05T12:30:00+00:00"],
                    "location": ["Room 1", "Room 2"],
                    "description": ["Results", "Plans"],
                }
            },
            "Meeting changed",
            "The meeting “Планёрка” was changed. Organizer: Анна Петрова. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5). "
            "It was: Wednesday, March 4, 2026, 6:30 – 7:30 AM (UTC-5). "
            "Title: “Планёрка” (was: “Stand-up”). "
            "Location: “Room 2” (was: “Room 1”). "
            "Description: “Plans” (was: “Results”).",
        ),
        (
            "event_cancelled",
            {},
            "Meeting cancelled",
            "The meeting “Планёрка” was cancelled. Organizer: Анна Петрова. "
            "It was planned for Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
        (
            "event_reminder",
            {},
            "Upcoming meeting",
            "The meeting “Планёрка” starts on March 5, 2026 at 6:30 AM (UTC-5).",
        ),
        (
            "participant_removed",
            {},
            "You are no longer a participant",
            "You were removed from the meeting “Планёрка”. Organizer: Анна Петрова. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
        (
            "participant_responded",
            {"response_status": "accepted"},
            "Reply to an invitation",
            "Анна Петрова has accepted the invitation to the meeting “Планёрка”. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
        (
            "participant_responded",
            {"response_status": "declined"},
            "Reply to an invitation",
            "Анна Петрова has declined the invitation to the meeting “Планёрка”. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
        (
            "participant_responded",
            {"response_status": "tentative"},
            "Reply to an invitation",
            "Анна Петрова may come to the meeting “Планёрка”. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
        (
            "participant_responded",
            {"response_status": "needs_action"},
            "Reply to an invitation",
            "Анна Петрова has withdrawn the answer to the invitation to “Планёрка”. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5).",
        ),
    ],
)
def test_each_type_reads_well_in_english(
    type_: str, payload: dict[str, Any], title: str, message: str
) -> None:
    assert _render(type_, "en", "America/New_York", **payload) == Text(title, message)


def test_a_title_is_written_as_it_was_typed() -> None:
    for title in ('«Ёлки» и "палки" “quoted”', "строка\tи табуляция", "{name} {0} %s", "😀 " * 60, "."):
        assert _render("event_invited", title=title).message.startswith(
            f"Вас пригласили на встречу «{title}». "
        )
        assert _render("event_invited", "en", title=title).message.startswith(
            f"You are invited to the meeting “{title}”. "
        )


def test_a_title_that_could_unsettle_the_sentence_is_isolated_on_one_line() -> None:
    for title, shown in (
        ("две\nстроки", "\u2068две строки\u2069"),
        ("X\u2028Организатор: Банк", "\u2068X Организатор: Банк\u2069"),
        ("פגישה", "\u2068פגישה\u2069"),
        ("\u202eавтра", "\u2068\u202eавтра\u202c\u2069"),
        ("конец\u2069\u202c", "\u2068конец\u2069"),
    ):
        assert _render("event_invited", title=title).message.startswith(
            f"Вас пригласили на встречу «{shown}». Организатор: Анна Петрова. "
        )
        assert _render(
            "participant_responded", "en", title=title, response_status="accepted"
        ).message.startswith(f"Анна Петрова has accepted the invitation to the meeting “{shown}”. ")


def test_a_title_does_not_end_its_own_quotation() -> None:
    assert _render("event_invited", title="X». Организатор: Банк").message.startswith(
        "Вас пригласили на встречу «X“. Организатор: Банк». Организатор: Анна Петрова. "
    )
    assert _render("event_cancelled", title="«X").message.startswith("Встреча «„X» была отменена. ")
    assert _render("event_cancelled", "en", title="X” was moved. “Y").message.startswith(
        "The meeting “X’ was moved. ‘Y” was cancelled. "
    )
    # The marks of the other language are ordinary ones.
    assert "«X”»" in _render("event_cancelled", title="X”").message


@pytest.mark.parametrize("field", ["title", "location", "description"])
def test_a_change_does_not_end_its_own_quotation_nor_turn_the_sentence(field: str) -> None:
    changes = {field: ["א» (было: «", "\u202eX».\nМесто: «Y"]}
    message = _render("event_updated", changes=changes).message

    assert message.count("«") == message.count("»")
    assert "\n" not in message
    assert "«\u2068א“ (было: „\u2069»" in message
    assert "«\u2068\u202eX“. Место: „Y\u202c\u2069»" in message


def test_a_name_that_could_unsettle_the_sentence_is_isolated_on_one_line() -> None:
    message = _render("event_cancelled", actor_name="Банк\n\u202eКогда: завтра").message
    assert "Организатор: \u2068Банк \u202eКогда: завтра\u202c\u2069. Планировалось" in message


def test_a_name_is_written_as_it_was_typed() -> None:
    message = _render("participant_responded", actor_name="van der {x}", response_status="accepted").message
    assert message.startswith("van der {x} принимает")
    message = _render("event_cancelled", actor_name="Иванов И. И.").message
    assert "Организатор: Иванов И. И. Планировалось" in message


def test_somebody_who_is_gone_has_a_neutral_name() -> None:
    assert "Организатор: удалённый пользователь." in _render("event_cancelled", actor_name=None).message
    responded = _render("participant_responded", actor_name=None, response_status="declined").message
    assert responded.startswith("Удалённый пользователь отклоняет")


def test_what_nobody_did_names_nobody() -> None:
    assert _render("event_cancelled", actor_id=None).message == (
        "Встреча «Планёрка» была отменена. Планировалось: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3)."
    )


@pytest.mark.parametrize(
    ("changes", "russian", "english"),
    [
        (
            {"location": [None, "Зал"]},
            "Место: «Зал» (раньше не указывалось).",
            "Location: “Зал” (there was none before).",
        ),
        (
            {"location": ["Зал", None]},
            "Место больше не указано (было: «Зал»).",
            "There is no location any more (was: “Зал”).",
        ),
        ({"description": [None, "Повестка"]}, "Добавлено описание: «Повестка».", "A description was added:"),
        ({"description": ["Повестка", None]}, "Описание удалено (было:", "The description was removed (was:"),
        ({"description": ["a" * 5000, "b"]}, "(UTC+3). Описание изменено.", "The description was changed."),
        ({"description": [None, "b" * 5000]}, "(UTC+3). Добавлено описание.", "A description was added."),
        ({"description": ["a" * 5000, None]}, "(UTC+3). Описание удалено.", "The description was removed."),
        (
            {"time_zone": ["Europe/Berlin", "Europe/Moscow"]},
            "Часовой пояс встречи: Europe/Moscow (был: Europe/Berlin).",
            "Time zone of the meeting: Europe/Moscow (was: Europe/Berlin).",
        ),
        (
            {"all_day": [True, False], "starts_at": ["2026-03-03T21:00:00+00:00", PAYLOAD["starts_at"]],
             "ends_at": ["2026-03-05T21:00:00+00:00", PAYLOAD["ends_at"]]},
            "Раньше было: 4–5 марта 2026 г.",
            "It was: March 4–5, 2026.",
        ),
    ],
)  # fmt: skip
def test_an_update_says_what_changed_from_what_to_what(
    changes: dict[str, Any], russian: str, english: str
) -> None:
    assert russian in _render("event_updated", changes=changes).message
    assert english in _render("event_updated", "en", changes=changes).message


def test_an_update_of_fields_that_are_not_known_here_says_when_the_event_is() -> None:
    assert _render("event_updated", changes={"colour": ["red", "blue"]}).message.endswith(
        "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3)."
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": ["2026-03-05T11:30:20+00:00", "2026-03-05T11:30:00+00:00"]},
        {"title": ["Планёрка ", "Планёрка"]},
        {"location": ["Зал  1", "Зал 1"], "description": ["Итоги\r\nПланы", "Итоги\nПланы\n"]},
    ],
)
def test_a_change_that_nobody_would_see_is_named_for_what_it_is(changes: dict[str, Any]) -> None:
    assert _render("event_updated", changes=changes).message == (
        "Встреча «Планёрка» была изменена. Организатор: Анна Петрова. "
        "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3). "
        "Изменились только секунды, пробелы или переносы строк."
    )
    message = _render("event_updated", language="en", changes=changes).message
    assert message.endswith("Only seconds, spaces or line breaks were changed.")


def test_a_change_is_quoted_on_one_line_and_cut_when_it_is_long() -> None:
    message = _render("event_updated", changes={"location": ["Зал\r\n 1", "x" * 500]}).message
    assert "(было: «Зал 1»)" in message
    assert f"Место: «{'x' * 119}…»" in message
    assert len(message) < 400
