"""Meetings and who takes part, as requests and responses hold them."""

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Self
from uuid import UUID

from convoke.domain import EventStatus, ResponseStatus, email_key, is_international
from convoke.notifications import NotificationType
from pydantic import MISSING, AfterValidator, BeforeValidator, Field, model_validator

from convoke_api.web.fields import (
    Description,
    Email,
    Instant,
    Location,
    ReminderMinutes,
    Sequence,
    TimeZone,
    Title,
    Uid,
    start_of_day,
)
from convoke_api.web.schemas import (
    Bounded,
    InvalidPlaceError,
    RequestModel,
    ResponseModel,
    ensure_unique,
)


def _refuse_duplicate_ids(ids: list[UUID]) -> list[UUID]:
    return ensure_unique(ids, attrgetter("bytes"))


def _refuse_duplicate_emails(emails: list[str]) -> list[str]:
    return ensure_unique(emails, email_key)


def _limit_international_domains(emails: object) -> object:
    # Each costs a tenth of a millisecond: 100,000 of them would outlast the gateway.
    domains = (
        email[email.rfind("@") + 1 :].lower()
        for email in (emails if isinstance(emails, list) else ())
        if isinstance(email, str)
    )
    if len({domain for domain in domains if is_international(domain)}) > _MAX_INTERNATIONAL_DOMAINS:
        raise ValueError(f"holds more than {_MAX_INTERNATIONAL_DOMAINS} internationalized domains")
    return emails


_MAX_INTERNATIONAL_DOMAINS = 1_000


def _refuse_duplicate_minutes(minutes: list[int]) -> list[int]:
    return ensure_unique(minutes, str)


_UNIQUE: Any = {"uniqueItems": True}
#: The setting `max_participants` may allow less, and not more.
_MOST_PARTICIPANTS = 100_000

ParticipantIds = Annotated[
    list[UUID],
    Bounded(_MOST_PARTICIPANTS),
    Field(description="People who have called, or were invited before.", json_schema_extra=_UNIQUE),
    AfterValidator(_refuse_duplicate_ids),
]
ParticipantEmails = Annotated[
    list[Email],
    Bounded(_MOST_PARTICIPANTS),
    Field(
        description="Unknown addresses become people who have not signed in yet. Letters compare "
        "case-insensitively. At most 1,000 different internationalized domains.",
        json_schema_extra=_UNIQUE,
    ),
    BeforeValidator(_limit_international_domains),
    AfterValidator(_refuse_duplicate_emails),
]
Reminders = Annotated[
    list[ReminderMinutes],
    Bounded(5),
    Field(
        description="How many minutes before the start a reminder is sent.",
        json_schema_extra=_UNIQUE,
    ),
    AfterValidator(_refuse_duplicate_minutes),
]


class EventCreate(RequestModel):
    """A meeting to be held, and who is invited to it."""

    title: Title
    starts_at: Instant
    ends_at: Instant
    all_day: Annotated[bool, Field(strict=True)] = False
    time_zone: TimeZone | None = Field(default=None, description="The caller's when absent.")
    description: Description | None = None
    location: Location | None = None
    participant_ids: ParticipantIds = Field(default=[])
    participant_emails: ParticipantEmails = Field(default=[])
    uid: Uid | None = Field(default=None, description="iCalendar UID (RFC 5545, 3.8.4.7); made when absent.")
    sequence: Sequence = 0
    reminder_minutes: Reminders = Field(default=[15])

    @model_validator(mode="after")
    def _check_span(self) -> Self:
        # Without a zone of its own the event has the caller's, which is not known here.
        ensure_span(
            self.starts_at, self.ends_at, self.all_day and self.time_zone is not None, self.time_zone or ""
        )
        return self


class EventUpdate(RequestModel):
    """What changes of a meeting; what is absent stays. Null removes a description or a location."""

    title: Title | MISSING = MISSING
    starts_at: Instant | MISSING = MISSING
    ends_at: Instant | MISSING = MISSING
    all_day: Annotated[bool, Field(strict=True)] | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    location: Location | MISSING | None = MISSING
    sequence: Sequence | MISSING = MISSING
    reminder_minutes: Reminders | MISSING = MISSING


def ensure_span(starts_at: datetime, ends_at: datetime, all_day: bool, time_zone: str) -> None:
    """A meeting does not end before it starts, an all-day one lasts from midnight to midnight in its zone.

    Raises InvalidPlaceError.
    """
    if ends_at < starts_at:
        raise InvalidPlaceError("/ends_at", "must not be before starts_at")
    for name, instant in (("starts_at", starts_at), ("ends_at", ends_at)) if all_day else ():
        if instant != start_of_day(instant, time_zone):
            raise InvalidPlaceError(f"/{name}", "must be a midnight in time_zone when all_day is true")


class ParticipantsAdd(RequestModel):
    """Who is to take part besides those who do already."""

    participant_ids: ParticipantIds = Field(default=[])
    participant_emails: ParticipantEmails = Field(default=[])


class ParticipantsAdded(ResponseModel):
    """How many of them are new."""

    added: int


class AnswerChange(RequestModel):
    """The caller's answer to an invitation."""

    response_status: ResponseStatus


class Person(ResponseModel):
    """Somebody as others see them."""

    id: UUID
    full_name: str | None
    email: str | None


class Participant(ResponseModel):
    """Somebody who is invited.

    The name, and the person's own spelling of the address, are shown once the person has answered an event of
    this organizer. Before that: the address by which the person was invited.
    """

    user_id: UUID
    email: str | None
    full_name: str | None
    response_status: ResponseStatus


class ParticipantCounts(ResponseModel):
    """How many there are, and how they have answered."""

    total: int
    needs_action: int
    accepted: int
    declined: int
    tentative: int


class Event(ResponseModel):
    """A meeting as its caller sees it. `participants` are the first 100; the others come by pages."""

    id: UUID
    title: str
    description: str | None
    location: str | None
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str
    uid: str
    sequence: int
    status: EventStatus
    organizer: Person
    version: int
    created_at: datetime
    updated_at: datetime
    reminder_minutes: list[int]
    my_response_status: ResponseStatus | None = Field(
        description="Null for an organizer who does not take part."
    )
    participant_counts: ParticipantCounts
    participants: list[Participant]


class Delivery(ResponseModel):
    """One wave of notifications: those of one fact. The last three counts add up to `recipients`.

    What a person has muted counts as delivered: who has an account and uses it is not for others to know.
    """

    type: NotificationType
    created_at: datetime
    due_at: datetime | None = Field(description="For a reminder: when it is sent.")
    delivered_at: datetime | None = Field(description="When the last of the wave was written.")
    recipients: int
    delivered: int
    pending: int
    failed: int
