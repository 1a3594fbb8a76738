"""English."""

from datetime import date, datetime

from babel.dates import format_date
from convoke.domain import ResponseStatus
from convoke.notifications import NotificationType

from convoke_worker.rendering.languages.wording import Language, TextChange, Wording

WORDING = Wording(
    titles={
        NotificationType.EVENT_INVITED: "Meeting invitation",
        NotificationType.EVENT_UPDATED: "Meeting changed",
        NotificationType.EVENT_CANCELLED: "Meeting cancelled",
        NotificationType.EVENT_REMINDER: "Upcoming meeting",
        NotificationType.PARTICIPANT_RESPONDED: "Reply to an invitation",
        NotificationType.PARTICIPANT_REMOVED: "You are no longer a participant",
    },
    quotes="“”",
    inner_quotes="‘’",
    openings={
        NotificationType.EVENT_INVITED: "You are invited to the meeting “{title}”",
        NotificationType.EVENT_UPDATED: "The meeting “{title}” was changed",
        NotificationType.EVENT_CANCELLED: "The meeting “{title}” was cancelled",
        NotificationType.EVENT_REMINDER: "The meeting “{title}” starts on {when}",
        NotificationType.PARTICIPANT_REMOVED: "You were removed from the meeting “{title}”",
    },
    responses={
        ResponseStatus.ACCEPTED: "{name} has accepted the invitation to the meeting “{title}”",
        ResponseStatus.DECLINED: "{name} has declined the invitation to the meeting “{title}”",
        ResponseStatus.TENTATIVE: "{name} may come to the meeting “{title}”",
        ResponseStatus.NEEDS_ACTION: "{name} has withdrawn the answer to the invitation to “{title}”",
    },
    organizer="Organizer: {name}",
    when="When: {when}",
    planned="It was planned for {when}",
    moved="It was: {when}",
    time_zone_changed="Time zone of the meeting: {new} (was: {old})",
    title_changed="Title: “{new}” (was: “{old}”)",
    location=TextChange(
        changed="Location: “{new}” (was: “{old}”)",
        added="Location: “{new}” (there was none before)",
        removed="There is no location any more (was: “{old}”)",
    ),
    description=TextChange(
        changed="Description: “{new}” (was: “{old}”)",
        added="A description was added: “{new}”",
        removed="The description was removed (was: “{old}”)",
    ),
    description_rewritten=TextChange(
        changed="The description was changed",
        added="A description was added",
        removed="The description was removed",
    ),
    unseen_change="Only seconds, spaces or line breaks were changed",
    somebody="a deleted user",
)


class EnglishDates:
    """Dates and times by CLDR's patterns for `en`."""

    def day(self, day: date) -> str:
        return _format(day, "full")

    def bare_day(self, day: date) -> str:
        return _format(day, "long")

    def days(self, first: date, last: date) -> str:
        if first.year != last.year:
            return f"{self.bare_day(first)} – {self.bare_day(last)}"
        if first.month != last.month:
            return f"{_format(first, 'MMMM d')} – {self.bare_day(last)}"
        return f"{_format(first, 'MMMM d')}–{last.day}, {last.year}"

    def clock(self, time: datetime) -> str:
        return f"{_twelve(time)} {_half(time)}"

    def clocks(self, start: datetime, end: datetime) -> str:
        if _half(start) == _half(end):
            return f"{_twelve(start)} – {self.clock(end)}"
        return f"{self.clock(start)} – {self.clock(end)}"

    def date_time(self, time: datetime) -> str:
        return f"{self.bare_day(time)} at {self.clock(time)}"


def _format(day: date, pattern: str) -> str:
    return format_date(day, pattern, locale="en")


# Not %I and %p: strftime follows the locale of the process.
def _twelve(time: datetime) -> str:
    return f"{time.hour % 12 or 12}:{time.minute:02}"


def _half(time: datetime) -> str:
    return "AM" if time.hour < 12 else "PM"


LANGUAGE = Language(WORDING, EnglishDates())
