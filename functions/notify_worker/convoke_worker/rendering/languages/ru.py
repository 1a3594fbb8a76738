"""Russian. People's gender is unknown, so no person is the subject of a verb in the past tense."""

from datetime import date, datetime

from babel.dates import format_date
from convoke.domain import ResponseStatus
from convoke.notifications import NotificationType

from convoke_worker.rendering.languages.wording import Language, TextChange, Wording

WORDING = Wording(
    titles={
        NotificationType.EVENT_INVITED: "Приглашение на встречу",
        NotificationType.EVENT_UPDATED: "Встреча изменена",
        NotificationType.EVENT_CANCELLED: "Встреча отменена",
        NotificationType.EVENT_REMINDER: "Скоро встреча",
        NotificationType.PARTICIPANT_RESPONDED: "Ответ на приглашение",
        NotificationType.PARTICIPANT_REMOVED: "Вы больше не участник",
    },
    quotes="«»",
    inner_quotes="„“",
    openings={
        NotificationType.EVENT_INVITED: "Вас пригласили на встречу «{title}»",
        NotificationType.EVENT_UPDATED: "Встреча «{title}» была изменена",
        NotificationType.EVENT_CANCELLED: "Встреча «{title}» была отменена",
        NotificationType.EVENT_REMINDER: "Встреча «{title}» начнётся {when}",
        NotificationType.PARTICIPANT_REMOVED: "Вас удалили из участников встречи «{title}»",
    },
    responses={
        ResponseStatus.ACCEPTED: "{name} принимает приглашение на встречу «{title}»",
        ResponseStatus.DECLINED: "{name} отклоняет приглашение на встречу «{title}»",
        ResponseStatus.TENTATIVE: "{name}, возможно, придёт на встречу «{title}»",
        ResponseStatus.NEEDS_ACTION: "{name} отзывает свой ответ на приглашение на встречу «{title}»",
    },
    organizer="Организатор: {name}",
    when="Когда: {when}",
    planned="Планировалось: {when}",
    moved="Раньше было: {when}",
    time_zone_changed="Часовой пояс встречи: {new} (был: {old})",
    title_changed="Название: «{new}» (было: «{old}»)",
    location=TextChange(
        changed="Место: «{new}» (было: «{old}»)",
        added="Место: «{new}» (раньше не указывалось)",
        removed="Место больше не указано (было: «{old}»)",
    ),
    description=TextChange(
        changed="Описание: «{new}» (было: «{old}»)",
        added="Добавлено описание: «{new}»",
        removed="Описание удалено (было: «{old}»)",
    ),
    description_rewritten=TextChange(
        changed="Описание изменено",
        added="Добавлено описание",
        removed="Описание удалено",
    ),
    unseen_change="Изменились только секунды, пробелы или переносы строк",
    somebody="удалённый пользователь",
)


class RussianDates:
    """Dates by CLDR; ranges by Russian typography: a dash without spaces between two numbers alone."""

    def day(self, day: date) -> str:
        return _format(day, "full")

    def bare_day(self, day: date) -> str:
        return _format(day, "long")

    def days(self, first: date, last: date) -> str:
        if first.year != last.year:
            return f"{self.bare_day(first)} – {self.bare_day(last)}"
        if first.month != last.month:
            return f"{_format(first, 'd MMMM')} – {self.bare_day(last)}"
        return f"{first.day}–{self.bare_day(last)}"

    def clock(self, time: datetime) -> str:
        return f"{time:%H:%M}"

    def clocks(self, start: datetime, end: datetime) -> str:
        return f"{start:%H:%M}–{end:%H:%M}"

    def date_time(self, time: datetime) -> str:
        return f"{self.bare_day(time)} в {self.clock(time)}"


def _format(day: date, pattern: str) -> str:
    # CLDR puts a narrow no-break space before «г.»; a plain one is found by a search for the date.
    return format_date(day, pattern, locale="ru").replace("\u202f", " ")


LANGUAGE = Language(WORDING, RussianDates())
