"""The organizers' events as they were when an import last looked."""

from convoke.domain import email_key

from convoke_importer.api import Event, EventApi, Refused
from convoke_importer.people import Person


class KnownEvents:
    """Each event is asked for once; `forget` it to have it read anew."""

    def __init__(self, api: EventApi) -> None:
        self._api = api
        self._events: dict[tuple[str, str], Event | None] = {}

    def find(self, organizer: Person, uid: str) -> Event | Refused | None:
        """The organizer's event of that UID, None when there is none, or why that cannot be known."""
        place = _place_of(organizer, uid)
        if place not in self._events:
            found = self._api.find_event(organizer, uid)
            if isinstance(found, Refused):
                return found
            self._events[place] = found
        return self._events[place]

    def remember(self, organizer: Person, uid: str, event: Event) -> None:
        self._events[_place_of(organizer, uid)] = event

    def forget(self, organizer: Person, uid: str) -> None:
        self._events.pop(_place_of(organizer, uid), None)


def _place_of(organizer: Person, uid: str) -> tuple[str, str]:
    return email_key(organizer.email), uid
