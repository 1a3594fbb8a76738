"""The notification types: one entry each, shared by the API and the worker.

The claim, the delivery, the preferences and the languages take a type's properties from here. CONTRIBUTING.md
lists the files that a new type touches.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Self


class Recipients(Enum):
    """Where the recipients of an outbox row are found."""

    #: In the row: `recipient_ids`, written together with the change.
    STORED = auto()
    #: In the event, at the claim: the organizer and the participants who have not declined. Such a row is
    #: written before it is due, so its notifications are dated by `due_at`, not by `created_at`.
    RESOLVED_AT_CLAIM = auto()


@dataclass(frozen=True, slots=True)
class TypeProperties:
    """The properties in which notification types differ."""

    may_be_muted: bool = True
    #: Whether the actor is a recipient too.
    notifies_actor: bool = False
    #: Whether a participant is the actor and the organizer the recipient. In the other types the organizer is
    #: the actor, if there is one.
    to_organizer: bool = False
    recipients: Recipients = Recipients.STORED


class NotificationType(StrEnum):
    """The types of notifications."""

    may_be_muted: bool
    notifies_actor: bool
    to_organizer: bool
    recipients: Recipients

    EVENT_INVITED = "event_invited"
    EVENT_UPDATED = "event_updated"
    EVENT_CANCELLED = "event_cancelled", TypeProperties(may_be_muted=False)
    # A reminder has no actor: the organizer is reminded too.
    EVENT_REMINDER = (
        "event_reminder",
        TypeProperties(notifies_actor=True, recipients=Recipients.RESOLVED_AT_CLAIM),
    )
    PARTICIPANT_RESPONDED = "participant_responded", TypeProperties(to_organizer=True)
    PARTICIPANT_REMOVED = "participant_removed"

    def __new__(cls, value: str, properties: TypeProperties | None = None) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        properties = properties or TypeProperties()
        member.may_be_muted = properties.may_be_muted
        member.notifies_actor = properties.notifies_actor
        member.to_organizer = properties.to_organizer
        member.recipients = properties.recipients
        return member


def list_types(types: Iterable[NotificationType]) -> str:
    """Return the types as the elements of an SQL list."""
    return ", ".join(f"'{type_}'" for type_ in types)
