"""The people of the story: they call the API, and their inboxes are compared with the expected ones."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from convoke_local.api_gateway.tokens import load_key, make_token
from e2e.conftest import Stack
from e2e.story_texts import LANGUAGES, MESSAGES, ORGANIZER, TITLES, WHEN

#: The limit for a delivery: it takes well under a second on an idle machine.
PATIENCE_SECONDS = 60


@dataclass
class Person:
    """A user with a token for HTTP requests, and the expected contents of their inbox."""

    http: httpx.Client
    name: str
    language: str
    zone: str
    email: str
    id: str
    expected: list[tuple[str, str, str]] = field(default_factory=list)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Return the response of a successful call."""
        response = self.http.request(method, path, json=body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def expect(self, kind: str, type_: str | None = None) -> None:
        """Expect one more notification, with the times of the event before and after its move."""
        when, moved = WHEN[self.language, self.zone]
        message = MESSAGES[self.language][kind]
        organizer = ORGANIZER[self.language]
        self.expect_text(type_ or kind, message.format(organizer=organizer, when=when, moved=moved))

    def expect_text(self, type_: str, message: str) -> None:
        """Expect one more notification, with this text."""
        self.expected.append((type_, TITLES[self.language][type_], message))

    def read(self) -> list[tuple[str, str, str]]:
        """Return the inbox, the oldest first."""
        inbox = self.call("GET", "/v1/notifications?limit=100")
        assert inbox["unread_count"] == len(inbox["items"])
        return [(it["type"], it["title"], it["message"]) for it in reversed(inbox["items"])]


class People:
    """Make users of the running stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._key = load_key(stack.cli.data_folder)
        self._clients: list[httpx.Client] = []

    def make(self, name: str, locale: str, zone: str) -> Person:
        """Sign in a user with that language and zone, which their notifications then have."""
        email = f"{name.lower()}@story.example.org"
        token = make_token(self._key, email, name=name, locale=locale, zone=zone)
        http = httpx.Client(
            base_url=self._stack.url, headers={"authorization": f"Bearer {token}"}, timeout=60
        )
        self._clients.append(http)
        me = http.get("/v1/me").json()
        assert (me["locale"], me["time_zone"]) == (locale, zone)
        return Person(http, name, LANGUAGES[locale], zone, email, me["id"])

    def close(self) -> None:
        for client in self._clients:
            client.close()


def check_inboxes(people: Sequence[Person]) -> None:
    """Wait until each inbox is as expected; fail when it is not in time or holds anything else meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for person in people:
        while (found := person.read()) != person.expected:
            unexpected = Counter(found) - Counter(person.expected)
            assert not unexpected, (person.name, unexpected)
            assert time.monotonic() < deadline, (person.name, found, person.expected)
            time.sleep(0.05)


def settle(stack: Stack) -> None:
    """Wait until no outbox row is pending and no message is left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        status = stack.read_status()
        if status["outbox"]["pending"] == status["queue"]["visible"] == status["queue"]["in_flight"] == 0:
            assert (status["outbox"]["failed"], status["queue"]["dlq"]) == (0, 0)
            return
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
