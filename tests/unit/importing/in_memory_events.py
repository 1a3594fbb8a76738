"""The API as the importer sees it, in memory: it takes and refuses what the real one does."""

import json
from collections.abc import Mapping
from typing import Any

from convoke_api.fields import email_key
from convoke_api.schemas.events import EventCreate
from convoke_local.importing.client import Refused
from convoke_local.importing.people import Person
from pydantic import ValidationError


class InMemoryEvents:
    """Events by (organizer, uid); `created` lists the requests in order, `calls` counts what was asked."""

    def __init__(self) -> None:
        self.created: list[tuple[str, Mapping[str, Any]]] = []
        self.calls = 0
        self._events: dict[tuple[str, str], dict[str, Any]] = {}

    def find_event(self, organizer: Person, uid: str) -> Mapping[str, Any] | Refused | None:
        self.calls += 1
        return self._events.get((email_key(organizer.email), uid))

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        self.calls += 1
        body = json.dumps(request)
        try:
            event = EventCreate.model_validate_json(body)
        except ValidationError as error:
            return Refused(422, "; ".join(str(each["loc"]) for each in error.errors(include_input=False)))
        place = (email_key(organizer.email), str(event.uid))
        if place in self._events:
            return Refused(409, "You already organise an event with this uid.")
        self._events[place] = event.model_dump(mode="json") | {
            "status": "confirmed",
            "organizer": {"email": organizer.email},
        }
        self.created.append((organizer.email, json.loads(body)))
        return self._events[place]

    def cancel(self, organizer: str, uid: str) -> None:
        self._events[(email_key(organizer), uid)]["status"] = "cancelled"

    def change(self, organizer: str, uid: str, **changes: object) -> None:
        self._events[(email_key(organizer), uid)].update(changes)
