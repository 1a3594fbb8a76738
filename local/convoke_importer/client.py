"""The HTTP API as the importer uses it, one method for each call."""

from collections.abc import Mapping, Sequence
from typing import Any

from convoke.domain import email_key

from convoke_importer.api import Event, Participants, Refused
from convoke_importer.connection import Connection
from convoke_importer.people import Person

_EVENTS = "/v1/events"
_NOT_FOUND = 404
#: What has ended comes in, and nobody is told of it.
_QUIETLY = {"notify_ended": "false"}


class ConvokeClient:
    """Does what `convoke_importer.api.EventApi` asks for over a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_event(self, organizer: Person, uid: str) -> Event | Refused | None:
        """The event of that UID that the person organizes, or None. Being invited to it does not count."""
        key = email_key(organizer.email)
        for event in self._connection.list_items(organizer, _EVENTS, {"uid": uid}):
            if isinstance(event, Refused) or email_key(event["organizer"]["email"] or "") == key:
                return event
        return None

    def find_invitations(self, attendee: Person, uid: str) -> Sequence[Event] | Refused:
        """The events of that UID which the person sees and does not organize."""
        key, found = email_key(attendee.email), []
        for event in self._connection.list_items(attendee, _EVENTS, {"uid": uid}):
            if isinstance(event, Refused):
                return event
            if email_key(event["organizer"]["email"] or "") != key:
                found.append(event)
        return found

    def find_time_zone(self, person: Person) -> str | None:
        """The IANA zone of a person, or None when the API does not tell."""
        me = self._connection.send(person, "GET", "/v1/me")
        return None if isinstance(me, Refused) else me.get("time_zone")

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused:
        """The event as it was created; refused with 409 when the organizer has one of that UID."""
        return self._connection.send(organizer, "POST", _EVENTS, query=_QUIETLY, body=request)

    def update_event(
        self, organizer: Person, event_id: str, version: int, changes: Mapping[str, Any]
    ) -> Event | Refused:
        """The event after the changes; refused with 412 when it has another version."""
        path = f"{_EVENTS}/{event_id}"
        return self._connection.send(
            organizer, "PATCH", path, query=_QUIETLY, body=changes, headers=_match(version)
        )

    def cancel_event(self, organizer: Person, event_id: str, version: int) -> Refused | None:
        """None when it is cancelled; refused with 412 when it has another version."""
        path = f"{_EVENTS}/{event_id}"
        return _find_refusal(
            self._connection.send(organizer, "DELETE", path, query=_QUIETLY, headers=_match(version))
        )

    def list_participants(self, organizer: Person, event_id: str) -> Participants | Refused:
        """All of them, however many pages that takes."""
        found = []
        for each in self._connection.list_items(organizer, f"{_EVENTS}/{event_id}/participants"):
            if isinstance(each, Refused):
                return each
            found.append(each)
        return found

    def add_participants(self, organizer: Person, event_id: str, emails: Sequence[str]) -> Refused | None:
        """Invite people; those who take part already are not invited again."""
        path, body = f"{_EVENTS}/{event_id}/participants", {"participant_emails": list(emails)}
        return _find_refusal(self._connection.send(organizer, "POST", path, query=_QUIETLY, body=body))

    def remove_participant(self, organizer: Person, event_id: str, user_id: str) -> Refused | None:
        """None as well when that person does not take part."""
        path = f"{_EVENTS}/{event_id}/participants/{user_id}"
        refused = _find_refusal(self._connection.send(organizer, "DELETE", path, query=_QUIETLY))
        return None if refused and refused.status == _NOT_FOUND else refused

    def answer(self, attendee: Person, event_id: str, response_status: str) -> Refused | None:
        """Answer an invitation; refused with 404 for whoever does not take part."""
        path, body = f"{_EVENTS}/{event_id}/participants/me", {"response_status": response_status}
        return _find_refusal(self._connection.send(attendee, "PATCH", path, query=_QUIETLY, body=body))


def _match(version: int) -> dict[str, str]:
    # Of an entity tag, `"<version>.<rest>"`, If-Match compares the version alone.
    return {"If-Match": f'"{version}.0"'}


def _find_refusal(answer: Mapping[str, Any] | Refused) -> Refused | None:
    return answer if isinstance(answer, Refused) else None
