"""Call the HTTP API, with one method for each call."""

from collections.abc import Mapping, Sequence
from typing import Any

from convoke.domain import email_key

from convoke_importer.api import Event, Participants, Refused
from convoke_importer.connection import Connection
from convoke_importer.people import Person

_EVENTS = "/v1/events"
_NOT_FOUND = 404
#: Events that have ended are imported too, without notifications.
_NOT_NOTIFYING = {"notify_ended": "false"}


class ConvokeClient:
    """Implement `convoke_importer.api.EventApi` over a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_event(self, organizer: Person, uid: str) -> Event | Refused | None:
        """Return the event of that UID that the person organizes, or None. An invitation does not count."""
        key = email_key(organizer.email)
        for event in self._connection.list_items(organizer, _EVENTS, {"uid": uid}):
            if isinstance(event, Refused) or email_key(event["organizer"]["email"] or "") == key:
                return event
        return None

    def find_invitations(self, attendee: Person, uid: str) -> Sequence[Event] | Refused:
        """Return the events of that UID that are visible to the person and organized by others."""
        key, found = email_key(attendee.email), []
        for event in self._connection.list_items(attendee, _EVENTS, {"uid": uid}):
            if isinstance(event, Refused):
                return event
            if email_key(event["organizer"]["email"] or "") != key:
                found.append(event)
        return found

    def find_time_zone(self, person: Person) -> str | None:
        """Return the IANA zone of a person, or None when the API rejects the request."""
        me = self._connection.send(person, "GET", "/v1/me")
        return None if isinstance(me, Refused) else me.get("time_zone")

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused:
        """Create an event; refused with 409 when the organizer has one of that UID."""
        return self._connection.send(organizer, "POST", _EVENTS, query=_NOT_NOTIFYING, body=request)

    def update_event(
        self, organizer: Person, event_id: str, version: int, changes: Mapping[str, Any]
    ) -> Event | Refused:
        """Return the event after the changes; refused with 412 when it has another version."""
        path = f"{_EVENTS}/{event_id}"
        return self._connection.send(
            organizer, "PATCH", path, query=_NOT_NOTIFYING, body=changes, headers=_match(version)
        )

    def cancel_event(self, organizer: Person, event_id: str, version: int) -> Refused | None:
        """Cancel the event; refused with 412 when it has another version."""
        path = f"{_EVENTS}/{event_id}"
        return _find_refusal(
            self._connection.send(organizer, "DELETE", path, query=_NOT_NOTIFYING, headers=_match(version))
        )

    def list_participants(self, organizer: Person, event_id: str) -> Participants | Refused:
        """Return all participants of the event, from all pages."""
        found = []
        for each in self._connection.list_items(organizer, f"{_EVENTS}/{event_id}/participants"):
            if isinstance(each, Refused):
                return each
            found.append(each)
        return found

    def add_participants(self, organizer: Person, event_id: str, emails: Sequence[str]) -> Refused | None:
        """Invite people; participants are not invited again."""
        path, body = f"{_EVENTS}/{event_id}/participants", {"participant_emails": list(emails)}
        return _find_refusal(self._connection.send(organizer, "POST", path, query=_NOT_NOTIFYING, body=body))

    def remove_participant(self, organizer: Person, event_id: str, user_id: str) -> Refused | None:
        """Remove a participant; no refusal when that person is not one."""
        path = f"{_EVENTS}/{event_id}/participants/{user_id}"
        refused = _find_refusal(self._connection.send(organizer, "DELETE", path, query=_NOT_NOTIFYING))
        return None if refused and refused.status == _NOT_FOUND else refused

    def respond(self, attendee: Person, event_id: str, response_status: str) -> Refused | None:
        """Respond to an invitation; refused with 404 when the attendee is not a participant."""
        path, body = f"{_EVENTS}/{event_id}/participants/me", {"response_status": response_status}
        return _find_refusal(self._connection.send(attendee, "PATCH", path, query=_NOT_NOTIFYING, body=body))


def _match(version: int) -> dict[str, str]:
    # If-Match compares only the version of an entity tag, `"<version>.<rest>"`.
    return {"If-Match": f'"{version}.0"'}


def _find_refusal(response: Mapping[str, Any] | Refused) -> Refused | None:
    return response if isinstance(response, Refused) else None
