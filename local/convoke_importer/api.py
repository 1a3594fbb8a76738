"""Define the calls of Convoke's HTTP API that the importer needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from convoke_importer.people import Person

type Event = Mapping[str, Any]
type Participants = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Refused:
    """The API rejected a request; `detail` is its explanation (RFC 9457)."""

    status: int
    detail: str


class EventApi(Protocol):
    """Call the API. Each call is made as the person given first, and is safe to repeat.

    Changes of an event that has ended cause no notifications.
    """

    def find_event(self, organizer: Person, uid: str) -> Event | Refused | None:
        """Return the event of that UID that the person organizes, or None. An invitation does not count."""
        ...

    def find_invitations(self, attendee: Person, uid: str) -> Sequence[Event] | Refused:
        """Return the events of that UID that are visible to the person and organized by others."""
        ...

    def find_time_zone(self, person: Person) -> str | None:
        """Return the IANA zone of a person, or None when the API rejects the request."""
        ...

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused:
        """Create an event; refused with 409 when the organizer has one of that UID."""
        ...

    def update_event(
        self, organizer: Person, event_id: str, version: int, changes: Mapping[str, Any]
    ) -> Event | Refused:
        """Return the event after the changes; refused with 412 when it has another version."""
        ...

    def cancel_event(self, organizer: Person, event_id: str, version: int) -> Refused | None:
        """Cancel the event; refused with 412 when it has another version."""
        ...

    def list_participants(self, organizer: Person, event_id: str) -> Participants | Refused:
        """Return all participants of the event."""
        ...

    def add_participants(self, organizer: Person, event_id: str, emails: Sequence[str]) -> Refused | None:
        """Invite people; participants are not invited again."""
        ...

    def remove_participant(self, organizer: Person, event_id: str, user_id: str) -> Refused | None:
        """Remove a participant; no refusal when that person is not one."""
        ...

    def respond(self, attendee: Person, event_id: str, response_status: str) -> Refused | None:
        """Respond to an invitation; refused with 404 when the attendee is not a participant."""
        ...
