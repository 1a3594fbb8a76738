"""Cache the organizers' events as an import has last read them."""

from convoke.domain import email_key

from convoke_importer.api import Event, EventApi, Refused
from convoke_importer.people import Person


class KnownEvents:
    """Read each event once; after `forget` it is read again."""

    def __init__(self, api: EventApi) -> None:
        self._api = api
        self._events: dict[tuple[str, str], Event | None] = {}

    def find(self, organizer: Person, uid: str) -> Event | Refused | None:
        """Return the organizer's event of that UID, None when there is none, or the refusal of the API."""
        key = _key_of(organizer, uid)
        if key not in self._events:
            found = self._api.find_event(organizer, uid)
            if isinstance(found, Refused):
                return found
            self._events[key] = found
        return self._events[key]

    def remember(self, organizer: Person, uid: str, event: Event) -> None:
        self._events[_key_of(organizer, uid)] = event

    def forget(self, organizer: Person, uid: str) -> None:
        self._events.pop(_key_of(organizer, uid), None)


def _key_of(organizer: Person, uid: str) -> tuple[str, str]:
    return email_key(organizer.email), uid
