"""What the importer needs of Convoke's HTTP API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from convoke_importer.people import Person

type Event = Mapping[str, Any]
type Participants = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Refused:
    """The API did not do it; `detail` is its own explanation (RFC 9457)."""

    status: int
    detail: str


class EventApi(Protocol):
    """Calls of the API. Each is made as the person given first, and is safe to repeat.

    Changes of an event that has ended are told to nobody.
    """

    def find_event(self, organizer: Person, uid: str) -> Event | Refused | None:
        """The event of that UID that the person organizes, or None. Being invited to it does not count."""
        ...

    def find_invitations(self, attendee: Person, uid: str) -> Sequence[Event] | Refused:
        """The events of that UID which the person sees and does not organize."""
        ...

    def find_time_zone(self, person: Person) -> str | None:
        """The IANA zone of a person, or None when the API does not tell."""
        ...

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused: ...

    def update_event(
        self, organizer: Person, event_id: str, version: int, changes: Mapping[str, Any]
    ) -> Event | Refused:
        """The event after the changes; refused with 412 when it has another version."""
        ...

    def cancel_event(self, organizer: Person, event_id: str, version: int) -> Refused | None:
        """None when it is cancelled; refused with 412 when it has another version."""
        ...

    def list_participants(self, organizer: Person, event_id: str) -> Participants | Refused:
        """All of them."""
        ...

    def add_participants(self, organizer: Person, event_id: str, emails: Sequence[str]) -> Refused | None: ...

    def remove_participant(self, organizer: Person, event_id: str, user_id: str) -> Refused | None:
        """None as well when that person does not take part."""
        ...

    def answer(self, attendee: Person, event_id: str, response_status: str) -> Refused | None: ...
