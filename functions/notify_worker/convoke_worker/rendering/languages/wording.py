"""What a language must bring: its sentences and its way to write dates. mypy sees that nothing is missing.

Sentences are `str.format` templates without their final stop; what people typed is only ever an argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from convoke.domain import NotificationType, ResponseStatus


@dataclass(frozen=True, slots=True)
class TextChange:
    """How to say that a text was changed ({old}, {new}), added ({new}) or removed ({old})."""

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
    #: How the message begins: {title}; `event_reminder` also takes {when}.
    openings: Mapping[NotificationType, str]
    #: The opening of `participant_responded`: {name}, {title}.
    responses: Mapping[ResponseStatus, str]
    organizer: str
    when: str
    #: The time of a meeting that will not take place.
    planned: str
    #: The time before a change.
    moved: str
    time_zone_changed: str
    title_changed: str
    location: TextChange
    description: TextChange
    #: For descriptions that are too long to be quoted.
    description_rewritten: TextChange
    #: For changes that a reader would not see: those of seconds and of white space.
    unseen_change: str
    #: Stands for a person who is no longer there.
    somebody: str


class Dates(Protocol):
    """How one language writes dates and times; the arguments are in the reader's zone already."""

    def day(self, day: date) -> str:
        """A date with its weekday, to stand alone."""
        ...

    def days(self, first: date, last: date) -> str:
        """A range of dates, both included; `first` is earlier than `last`."""
        ...

    def clock(self, moment: datetime) -> str:
        """The time of day, to the minute."""
        ...

    def clocks(self, start: datetime, end: datetime) -> str:
        """From one time to another on the same day."""
        ...

    def bare_day(self, day: date) -> str:
        """A date without its weekday, as it stands within a sentence."""
        ...

    def moment(self, moment: datetime) -> str:
        """A date with a time, as it stands within a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Language:
    """A language that people can be told in."""

    wording: Wording
    dates: Dates
