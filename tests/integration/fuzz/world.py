"""The callers of the fuzz, and the data that their requests can name."""

import re
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import requests
from convoke.database.transactions import autocommit
from convoke_api.invocation import Handler
from integration.api.client import Client, Response
from integration.fuzz.aiming import make_sensible, make_unused
from integration.fuzz.transport import send
from schemathesis import Case, GenerationMode
from sqlalchemy import Engine, text

_NOTIFY = text("""
INSERT INTO notifications (user_id, id, event_id, type, title, message, created_at, written_at)
SELECT :user_id, uuid7_at(now()), gen_random_uuid(), 'event_invited', 'Title', 'Message', now(), now()
RETURNING id
""")


class World:
    """One handler, somebody who sends it anything, and somebody who looks whether it still gets responses."""

    def __init__(self, handler: Handler, engine: Engine) -> None:
        self.handler = handler
        self._engine = engine
        self._numbers = count(1)
        # Another world over the same database has other people.
        self._domain = f"{uuid4().hex}.example.org"
        self.guest = self._make_person("guest")
        self.witness = self._make_person("witness")
        response = self.witness.post("/v1/events", {**EVENT_BODY, "title": "What the witness sees"})
        assert response.status == 201, response.text
        self._seen = response.json
        self.caller = self._make_person("caller")

    def send(self, case: Case[Any]) -> requests.Response:
        """Send a case as the caller; a caller whom it erases is replaced by a new one."""
        response = send(case, self.handler, self.caller.claims or {})
        if (case.method, case.path, response.status_code) == ("DELETE", "/v1/me", 204):
            self.change_caller()
        return response

    def call(self, method: str, target: str, body: str | None, headers: dict[str, str]) -> Response:
        """A request of the caller, as it is written down; see `send`."""
        response = self.caller.call(method, target, raw=body, headers=headers)
        if (method, target, response.status) == ("DELETE", "/v1/me", 204):
            self.change_caller()
        return response

    def fill(self, path: str) -> str:
        """The path of the document with the ids of things that exist."""
        return re.sub(r"\{(\w+)\}", lambda name: self._make(name[1]), path)

    def change_caller(self) -> None:
        """From here on somebody calls who has not called before, and has nothing."""
        self.caller = self._make_person("caller")

    def aim(self, case: Case[Any]) -> None:
        """Let a request with well-formed ids name things that exist and that the caller may change."""
        made = {name: self._make(name) for name, value in case.path_parameters.items() if _is_uuid(value)}
        if made:
            case.path_parameters = {**case.path_parameters, **made}

    def make_acceptable(self, case: Case[Any]) -> None:
        """Let a request that the schema accepts be one that the rules accept too; others stay as they are."""
        if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
            return
        number = next(self._numbers)
        case.body = make_sensible(case.body, known_id=self.guest.id, number=number)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = make_unused(case.headers["Idempotency-Key"], number)
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        if "cursor" in case.query:
            del case.query["cursor"]
            cursor = self._make_cursor(case)
            if cursor is not None:
                case.query["cursor"] = cursor

    def _make_cursor(self, case: Case[Any]) -> str | None:
        """A cursor of the list that the case reads; None when the list is too short to have one."""
        for _ in range(2):
            match case.path:
                case "/v1/events":
                    self.make_event()
                case "/v1/notifications":
                    self.make_notification()
        response = self.caller.get(f"{case.formatted_path}?limit=1")
        return response.json.get("next_cursor")

    def check_health(self) -> None:
        """The next request, on the same connection, gets its own response and nobody else's."""
        response = self.witness.get(f"/v1/events/{self._seen['id']}")
        assert (response.status, response.json) == (200, self._seen)

    def _make(self, name: str) -> str:
        match name:
            case "event_id":
                return self.make_event()
            case "notification_id":
                return self.make_notification()
            case "user_id":
                return self.guest.id
        raise AssertionError(f"what is a {name}? Say here how to make one.")

    def _make_person(self, name: str) -> Client:
        address = f"{name}-{next(self._numbers)}@{self._domain}"
        claims = {"sub": address, "email": address, "email_verified": "true", "name": name.title()}
        person = Client(self.handler, claims)
        assert person.get("/v1/me").status == 200
        return person

    def make_event(self) -> str:
        response = self.caller.post(
            "/v1/events", {**EVENT_BODY, "participant_ids": [self.guest.id, self.caller.id]}
        )
        assert response.status == 201, response.text
        return str(response.json["id"])

    def make_notification(self) -> str:
        with autocommit(self._engine) as connection:
            return str(connection.execute(_NOTIFY, {"user_id": self.caller.uuid}).scalar_one())


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


#: Accepted as it is.
EVENT_BODY = {
    "title": "Планёрка",
    "starts_at": "2030-03-01T10:00:00+03:00",
    "ends_at": "2030-03-01T10:30:00+03:00",
    "time_zone": "Europe/Moscow",
    "reminder_minutes": [],
}
