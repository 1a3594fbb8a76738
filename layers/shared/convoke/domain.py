"""The words of the field: what can happen to a meeting, and the rules that need no database."""

from enum import StrEnum

PAYLOAD_VERSION = 1


class NotificationType(StrEnum):
    """The facts that people are told of."""

    EVENT_INVITED = "event_invited"
    EVENT_UPDATED = "event_updated"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_REMINDER = "event_reminder"
    PARTICIPANT_RESPONDED = "participant_responded"
    PARTICIPANT_REMOVED = "participant_removed"


class ResponseStatus(StrEnum):
    """What a participant has answered (RFC 5545 PARTSTAT, as far as it is used here)."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class EventStatus(StrEnum):
    """A cancelled event stays readable."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
