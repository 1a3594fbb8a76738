"""Models of events and participants, as requests and responses hold them."""

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
    SequenceNumber,
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


def _ensure_unique_ids(ids: list[UUID]) -> list[UUID]:
    return ensure_unique(ids, attrgetter("bytes"))


def _ensure_unique_emails(emails: list[str]) -> list[str]:
    return ensure_unique(emails, email_key)


def _ensure_few_international_domains(emails: object) -> object:
    # Each takes a tenth of a millisecond: 100,000 of them would take longer than the gateway waits.
    domains = (
        email[email.rfind("@") + 1 :].lower()
        for email in (emails if isinstance(emails, list) else ())
        if isinstance(email, str)
    )
    if len({domain for domain in domains if is_international(domain)}) > _MAX_INTERNATIONAL_DOMAINS:
        raise ValueError(f"holds more than {_MAX_INTERNATIONAL_DOMAINS} internationalized domains")
    return emails


_MAX_INTERNATIONAL_DOMAINS = 1_000


def _ensure_unique_minutes(minutes: list[int]) -> list[int]:
    return ensure_unique(minutes, str)


_UNIQUE: Any = {"uniqueItems": True}
#: The setting `max_participants` may be lower, not higher.
_MAX_PARTICIPANTS = 100_000

ParticipantIds = Annotated[
    list[UUID],
    Bounded(_MAX_PARTICIPANTS),
    Field(
        description="Ids of people who have used the API, or were invited before.", json_schema_extra=_UNIQUE
    ),
    AfterValidator(_ensure_unique_ids),
]
ParticipantEmails = Annotated[
    list[Email],
    Bounded(_MAX_PARTICIPANTS),
    Field(
        description="An unknown address becomes a person who has not signed in yet. Addresses are compared "
        "case-insensitively. At most 1,000 different internationalized domains.",
        json_schema_extra=_UNIQUE,
    ),
    BeforeValidator(_ensure_few_international_domains),
    AfterValidator(_ensure_unique_emails),
]
Reminders = Annotated[
    list[ReminderMinutes],
    Bounded(5),
    Field(
        description="Minutes before the start at which reminders are sent.",
        json_schema_extra=_UNIQUE,
    ),
    AfterValidator(_ensure_unique_minutes),
]


class EventCreate(RequestModel):
    """An event to create, and the people to invite."""

    title: Title
    starts_at: Instant
    ends_at: Instant
    all_day: Annotated[bool, Field(strict=True)] = False
    time_zone: TimeZone | None = Field(default=None, description="The caller's time zone when absent.")
    description: Description | None = None
    location: Location | None = None
    participant_ids: ParticipantIds = Field(default=[])
    participant_emails: ParticipantEmails = Field(default=[])
    uid: Uid | None = Field(
        default=None, description="iCalendar UID (RFC 5545, 3.8.4.7); generated when absent."
    )
    sequence: SequenceNumber = 0
    reminder_minutes: Reminders = Field(default=[15])

    @model_validator(mode="after")
    def _ensure_span(self) -> Self:
        # Without a time zone the event gets the caller's, which is unknown here.
        ensure_span(
            self.starts_at, self.ends_at, self.all_day and self.time_zone is not None, self.time_zone or ""
        )
        return self


class EventUpdate(RequestModel):
    """The fields of an event to change; absent fields stay. Null removes a description or a location."""

    title: Title | MISSING = MISSING
    starts_at: Instant | MISSING = MISSING
    ends_at: Instant | MISSING = MISSING
    all_day: Annotated[bool, Field(strict=True)] | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    location: Location | MISSING | None = MISSING
    sequence: SequenceNumber | MISSING = MISSING
    reminder_minutes: Reminders | MISSING = MISSING


def ensure_span(starts_at: datetime, ends_at: datetime, all_day: bool, time_zone: str) -> None:
    """Raise InvalidPlaceError for an end before the start.

    An all-day event must last from midnight to midnight in its zone.
    """
    if ends_at < starts_at:
        raise InvalidPlaceError("/ends_at", "must not be before starts_at")
    for name, instant in (("starts_at", starts_at), ("ends_at", ends_at)) if all_day else ():
        if instant != start_of_day(instant, time_zone):
            raise InvalidPlaceError(f"/{name}", "must be a midnight in time_zone when all_day is true")


class ParticipantsAdd(RequestModel):
    """The people to add to the participants."""

    participant_ids: ParticipantIds = Field(default=[])
    participant_emails: ParticipantEmails = Field(default=[])


class ParticipantsAdded(ResponseModel):
    """The number of people who did not take part before."""

    added: int


class AnswerChange(RequestModel):
    """The caller's RSVP to an invitation."""

    response_status: ResponseStatus


class Person(ResponseModel):
    """A person as others see them."""

    id: UUID
    full_name: str | None
    email: str | None


class Participant(ResponseModel):
    """A person who is invited.

    The name, and the person's own spelling of the address, are shown once the person has responded to an
    event of this organizer, or has left one. Before that: the address by which the person was invited.
    """

    user_id: UUID
    email: str | None
    full_name: str | None
    response_status: ResponseStatus


class ParticipantCounts(ResponseModel):
    """The number of participants, in total and by RSVP."""

    total: int
    needs_action: int
    accepted: int
    declined: int
    tentative: int


class Event(ResponseModel):
    """An event as the caller sees it. `participants` are the first 100; `list_participants` lists all."""

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
    """One wave of notifications: those of one change. The last three counts add up to `recipients`.

    A notification that a person has muted counts as delivered: it must not show who has an account.
    """

    type: NotificationType
    created_at: datetime
    due_at: datetime | None = Field(description="The time at which a reminder is sent; null for other types.")
    delivered_at: datetime | None = Field(description="The time at which the last of the wave was written.")
    recipients: int
    delivered: int
    pending: int
    failed: int
