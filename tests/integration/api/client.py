"""Somebody who calls the API as API Gateway does, and queues that show what they were sent."""

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from convoke.messages import DeliveryMessage
from convoke_api.invocation import Handler
from sqlalchemy import RowMapping

#: Runs SQL with named values beside the API.
type Query = Callable[..., list[RowMapping]]


class RecordingQueue:
    """Takes every message and remembers it."""

    def __init__(self) -> None:
        self.sent: list[tuple[DeliveryMessage, int]] = []
        #: How many messages each call of `send` brought, and when.
        self.calls: list[int] = []
        self.sent_at: list[datetime] = []

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        self.calls.append(len(messages))
        self.sent_at.append(datetime.now(UTC))
        self.sent.extend(messages)
        return len(messages)


class RefusingQueue:
    """Takes nothing, as a queue that cannot be reached."""

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        return 0


@dataclass(frozen=True)
class Response:
    """A response, as Mangum returns it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Client:
    """Somebody with verified claims, or with none."""

    handler: Handler
    claims: dict[str, Any] | None = field(default_factory=dict)

    @property
    def email(self) -> str:
        assert self.claims is not None
        return str(self.claims["email"])

    @property
    def id(self) -> str:
        return str(self.get("/v1/me").json["id"])

    @property
    def uuid(self) -> UUID:
        return UUID(self.id)

    def call(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        raw: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """One invocation. `raw` is a body that goes out as it is, `body` one that goes out as JSON."""
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
        response = self.handler(event, None)
        assert not response.get("isBase64Encoded")
        return Response(response["statusCode"], response["headers"], response.get("body", ""))

    def get(self, target: str, **kwargs: Any) -> Response:
        return self.call("GET", target, **kwargs)

    def post(self, target: str, body: object = None, **kwargs: Any) -> Response:
        return self.call("POST", target, body, **kwargs)

    def patch(self, target: str, body: object = None, **kwargs: Any) -> Response:
        return self.call("PATCH", target, body, **kwargs)

    def delete(self, target: str, **kwargs: Any) -> Response:
        return self.call("DELETE", target, **kwargs)


@contextmanager
def current_loop() -> Iterator[None]:
    """An event loop for this thread: Mangum runs each request on the current one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def check_problem(response: Response, status: int) -> dict[str, Any]:
    """The response as a problem (RFC 9457), after a look at its form: the members, and no others."""
    assert response.status == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json
    expected = {"type", "title", "status", "detail"} | ({"errors"} if status == 422 else set())
    assert set(problem) == expected
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "detail"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")
        assert error["detail"]
    return problem


def version_of(response: Response) -> str:
    """The part of a response's ETag that If-Match compares."""
    tag = re.fullmatch(r'"([0-9]+)\.[0-9a-f]{20}"', response.headers["etag"])
    assert tag, response.headers["etag"]
    return tag[1]


def pointers(response: Response) -> list[str]:
    """The places that a 422 response blames."""
    return [error["pointer"] for error in check_problem(response, 422)["errors"]]


def list_owed(query: Query, event: dict[str, Any]) -> list[RowMapping]:
    """The outbox rows of an event, by id."""
    return query("SELECT * FROM outbox WHERE event_id = :id ORDER BY id", id=event["id"])


def from_now(**length: float) -> str:
    """The instant so many minutes, hours … ahead, as requests write it."""
    return (datetime.now(UTC) + timedelta(**length)).isoformat()
