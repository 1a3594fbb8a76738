"""Declares the parts of a language: its sentences and its way to write dates.

mypy checks that no part is missing, not that the mappings are complete: tests/unit/worker/
test_notification_types.py renders every notification type and every RSVP in every language.

Sentences are `str.format` templates without their final stop; what people typed is only ever an argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from convoke.domain import ResponseStatus
from convoke.notifications import NotificationType


@dataclass(frozen=True, slots=True)
class TextChange:
    """The sentences for a text that was changed ({old}, {new}), added ({new}) or removed ({old})."""

    changed: str
    added: str
    removed: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language. {name} is a person, {when} a time as the language writes it."""

    titles: Mapping[NotificationType, str]
    #: The marks between which the sentences quote, and those of a quotation within a quotation.
    quotes: str
    inner_quotes: str
    #: The first sentence of the message: {title}; `event_reminder` also takes {when}, types for the organizer
    #: {name}.
    openings: Mapping[NotificationType, str]
    #: The first sentence of `participant_responded`: {name}, {title}.
    responses: Mapping[ResponseStatus, str]
    organizer: str
    when: str
    #: The time of a cancelled event.
    planned: str
    #: The time before a change.
    moved: str
    time_zone_changed: str
    title_changed: str
    location: TextChange
    description: TextChange
    #: For descriptions that are too long to be quoted.
    description_rewritten: TextChange
    #: For changes that a text does not show: those of seconds and of white space.
    unseen_change: str
    #: Stands for a deleted person.
    somebody: str


class Dates(Protocol):
    """Dates and times as one language writes them; the arguments are in the recipient's zone already."""

    def day(self, day: date) -> str:
        """Return a date with its weekday, to stand alone."""
        ...

    def days(self, first: date, last: date) -> str:
        """Return a range of dates, both included; `first` is earlier than `last`."""
        ...

    def clock(self, time: datetime) -> str:
        """Return the time of day, to the minute."""
        ...

    def clocks(self, start: datetime, end: datetime) -> str:
        """Return the range between two times of one day."""
        ...

    def bare_day(self, day: date) -> str:
        """Return a date without its weekday, as it stands within a sentence."""
        ...

    def date_time(self, time: datetime) -> str:
        """Return a date with a time, as it stands within a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Language:
    """A language in which texts are rendered."""

    wording: Wording
    dates: Dates
