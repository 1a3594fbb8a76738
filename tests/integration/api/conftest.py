"""The API's real handler over the test's own database; the queue records what it was sent."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from convoke.messages import DeliveryMessage
from convoke.observability import make_logger, make_metrics
from convoke.settings import Settings
from convoke_api.dependencies import Services
from convoke_api.invocation import Handler, make_handler
from sqlalchemy import Engine


class RecordingQueue:
    """Takes every message and remembers it."""

    def __init__(self) -> None:
        self.sent: list[tuple[DeliveryMessage, int]] = []

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        self.sent.extend(messages)
        return len(messages)


class RefusingQueue:
    """Takes nothing, as a queue that cannot be reached."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        return 0


@dataclass(frozen=True)
class Answer:
    """What came back through Mangum."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Client:
    """Somebody with verified claims who calls the API as API Gateway does."""

    handler: Handler
    claims: dict[str, str] | None = field(default_factory=dict)

    def call(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        raw: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        path, _, query = target.partition("?")
        sent = raw if raw is not None else (None if body is None else json.dumps(body))
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {
                "host": "api.example.org",
                **({"content-type": "application/json"} if sent is not None else {}),
                **(headers or {}),
            },
            "requestContext": {
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
                "requestId": "test",
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
        if self.claims is not None:
            event["requestContext"]["authorizer"] = {"jwt": {"claims": self.claims, "scopes": None}}
        if isinstance(sent, bytes):
            event["body"], event["isBase64Encoded"] = base64.b64encode(sent).decode(), True
        elif sent is not None:
            event["body"] = sent
        answer = self.handler(event, None)
        return Answer(answer["statusCode"], answer["headers"], answer.get("body", ""))

    def get(self, target: str, **kwargs: Any) -> Answer:
        return self.call("GET", target, **kwargs)

    def post(self, target: str, body: object = None, **kwargs: Any) -> Answer:
        return self.call("POST", target, body, **kwargs)

    def patch(self, target: str, body: object = None, **kwargs: Any) -> Answer:
        return self.call("PATCH", target, body, **kwargs)

    def delete(self, target: str, **kwargs: Any) -> Answer:
        return self.call("DELETE", target, **kwargs)


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, stage="test", create_quota=1_000)


@pytest.fixture
def services(engine: Engine, queue: RecordingQueue, settings: Settings) -> Services:
    return Services(engine, queue, settings, make_logger("convoke-api"), make_metrics("convoke-api", "test"))


@pytest.fixture
def event_loop() -> Iterator[None]:
    """The loop on which Mangum runs requests."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def person(services: Services, event_loop: None) -> Callable[..., Client]:
    """Makes people who call the API: `person("anna")` is anna@example.org, verified, named Anna."""
    handler = make_handler(services)

    def make(name: str, **claims: str) -> Client:
        return Client(
            handler,
            {
                "sub": f"sub-{name}",
                "email": f"{name}@example.org",
                "email_verified": "true",
                "name": name.title(),
                **claims,
            },
        )

    return make


@pytest.fixture
def meeting() -> dict[str, Any]:
    """A request that is accepted as it is: half an hour in 2030, nobody invited, no reminder."""
    return {
        "title": "Планёрка",
        "starts_at": "2030-03-01T10:00:00+03:00",
        "ends_at": "2030-03-01T10:30:00+03:00",
        "time_zone": "Europe/Moscow",
        "reminder_minutes": [],
    }
