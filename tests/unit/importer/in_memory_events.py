"""An `EventApi` in memory: it accepts, refuses and notifies as the real API."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from convoke.domain import email_key
from convoke_api.events.schemas import EventCreate, EventUpdate
from convoke_api.events.update import decide_update
from convoke_importer.api import Event, Participants, Refused
from convoke_importer.people import Person
from pydantic import BaseModel, ValidationError

_MISSING, _CANCELLED = Refused(404, "Not found."), Refused(409, "The event is cancelled.")
_TIMES = ("starts_at", "ends_at")


class InMemoryEvents:
    """Store events by id. `created` and `notified` list the requests and notifications with the person."""

    def __init__(self, time_zone: str | None = None) -> None:
        """Start without events; `time_zone` is that of all users."""
        self.time_zone = time_zone
        self.created: list[tuple[str, Mapping[str, Any]]] = []
        self.notified: list[tuple[str, str]] = []
        #: The number of calls.
        self.calls = 0
        self._events: dict[str, dict[str, Any]] = {}

    def find_event(self, organizer: Person, uid: str) -> Event | Refused | None:
        self.calls += 1
        event = self._find(organizer.email, uid)
        return _show(event) if event else None

    def find_invitations(self, attendee: Person, uid: str) -> Sequence[Event] | Refused:
        self.calls += 1
        key = email_key(attendee.email)
        return [
            _show(event)
            for event in self._events.values()
            if event["uid"] == uid and key in event["participants"] and key != event["organizer"]["email"]
        ]

    def find_time_zone(self, person: Person) -> str | None:
        return self.time_zone

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Event | Refused:
        self.calls += 1
        read = _read(EventCreate, request)
        if isinstance(read, Refused):
            return read
        if self._find(organizer.email, read["uid"]):
            return Refused(409, "You already organize an event with this uid.")
        event = read | {
            "id": f"event-{len(self._events)}",
            "version": 1,
            "status": "confirmed",
            "organizer": {"email": email_key(organizer.email)},
            "participants": {},
        }
        self._events[event["id"]] = event
        self.created.append((organizer.email, json.loads(json.dumps(request))))
        self._invite(event, read["participant_emails"])
        return _show(event)

    def update_event(
        self, organizer: Person, event_id: str, version: int, changes: Mapping[str, Any]
    ) -> Event | Refused:
        self.calls += 1
        read = _read(EventUpdate, changes)
        if isinstance(read, Refused):
            return read
        event = self._events[event_id]
        if event["version"] != version:
            return Refused(412, "The event has changed.")
        if event["status"] == "cancelled":
            return _CANCELLED
        update = decide_update(event, read)
        if update is not None:
            event |= {**update.columns, "version": version + 1}
            if update.changes:
                self._notify(event, "event_updated", event["participants"])
        return _show(event)

    def cancel_event(self, organizer: Person, event_id: str, version: int) -> Refused | None:
        self.calls += 1
        event = self._events[event_id]
        if event["status"] == "cancelled":
            return None
        if event["version"] != version:
            return Refused(412, "The event has changed.")
        event |= {"status": "cancelled", "version": version + 1, "sequence": event["sequence"] + 1}
        self._notify(event, "event_cancelled", event["participants"])
        return None

    def list_participants(self, organizer: Person, event_id: str) -> Participants | Refused:
        self.calls += 1
        participants = self._events[event_id]["participants"]
        return [
            {"user_id": email, "email": email, "response_status": status}
            for email, status in participants.items()
        ]

    def add_participants(self, organizer: Person, event_id: str, emails: Sequence[str]) -> Refused | None:
        self.calls += 1
        event = self._events[event_id]
        if event["status"] == "cancelled":
            return _CANCELLED
        self._invite(event, emails)
        return None

    def remove_participant(self, organizer: Person, event_id: str, user_id: str) -> Refused | None:
        self.calls += 1
        event = self._events[event_id]
        if event["status"] == "cancelled":
            return _CANCELLED
        if event["participants"].pop(user_id, None):
            self._notify(event, "participant_removed", [user_id])
        return None

    def respond(self, attendee: Person, event_id: str, response_status: str) -> Refused | None:
        self.calls += 1
        event, email = self._events[event_id], email_key(attendee.email)
        if email not in {*event["participants"], event["organizer"]["email"]}:
            return _MISSING
        if event["status"] == "cancelled":
            return _CANCELLED
        if email not in event["participants"]:
            return _MISSING
        if event["participants"][email] != response_status:
            event["participants"][email] = response_status
            if email != event["organizer"]["email"]:
                self._note(event, [(event["organizer"]["email"], "participant_responded")])
        return None

    def get(self, organizer: str, uid: str) -> dict[str, Any]:
        """Return the stored event: times are datetimes, and `participants` are responses by address."""
        event = self._find(organizer, uid)
        assert event is not None
        return event

    def change(self, organizer: str, uid: str, **changes: Any) -> None:
        """Change the event in Convoke, without an import."""
        event = self.get(organizer, uid)
        response = self.update_event(Person(organizer), event["id"], event["version"], changes)
        assert not isinstance(response, Refused)

    def cancel(self, organizer: str, uid: str) -> None:
        """Cancel the event in Convoke, without an import."""
        event = self.get(organizer, uid)
        assert self.cancel_event(Person(organizer), event["id"], event["version"]) is None

    def _find(self, organizer: str, uid: str) -> dict[str, Any] | None:
        for event in self._events.values():
            if (event["organizer"]["email"], event["uid"]) == (email_key(organizer), uid):
                return event
        return None

    def _invite(self, event: dict[str, Any], emails: Sequence[str]) -> None:
        new = [key for key in map(email_key, emails) if key not in event["participants"]]
        event["participants"] |= dict.fromkeys(new, "needs_action")
        self._notify(event, "event_invited", new)

    def _notify(self, event: Event, what: str, whom: Sequence[str] | Mapping[str, str]) -> None:
        self._note(event, [(email, what) for email in whom if email != event["organizer"]["email"]])

    def _note(self, event: Event, notified: list[tuple[str, str]]) -> None:
        # As with `notify_ended=false`: an ended event causes no notifications.
        if event["ends_at"] > datetime.now(UTC):
            self.notified += notified


def _read(model: type[BaseModel], request: Mapping[str, Any]) -> dict[str, Any] | Refused:
    try:
        return model.model_validate_json(json.dumps(request)).model_dump()
    except ValidationError as error:
        places = [f"{each['loc']} {each['msg']}" for each in error.errors(include_input=False)]
        return Refused(422, "; ".join(places))


def _show(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, **{name: event[name].isoformat() for name in _TIMES}}
