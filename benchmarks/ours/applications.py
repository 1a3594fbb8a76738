"""Makes the API in this process: as an ASGI application, and as the handler that Lambda calls."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from convoke_api.app import create_app
from convoke_api.composition import make_services
from convoke_api.invocation import make_handler
from convoke_api.settings import ApiSettings
from fastapi import FastAPI

from benchmarks.ours.functions import CLAIMS, HOURLY_QUOTA, QUOTA, QUOTA_SECONDS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_CONTEXT = {"authorizer": {"jwt": {"claims": CLAIMS, "scopes": None}}, "requestId": "benchmark"}
_PATH = "/v1/events"


def make_settings(database_url: str, queue_url: str) -> ApiSettings:
    """Make settings as deployed, without quotas that would end the run."""
    return ApiSettings(
        database_url=database_url,
        queue_url=queue_url,
        create_quota=QUOTA,
        create_quota_seconds=QUOTA_SECONDS,
        wave_quota=HOURLY_QUOTA,
        notification_quota=HOURLY_QUOTA,
    )


def make_application(database_url: str, queue_url: str) -> FastAPI:
    """Make the application; boto3 finds the queue's endpoint in AWS_ENDPOINT_URL_SQS."""
    return create_app(make_services(make_settings(database_url, queue_url)))


def add_claims(application: Asgi) -> Asgi:
    """Wrap the application so that each request's scope holds what Mangum puts there."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope["aws.event"] = {"requestContext": _REQUEST_CONTEXT}
        await application(scope, receive, send)

    return serve


class MangumCaller:
    """Calls the handler of `make_handler`, as Lambda's runtime does: an event in, a response out."""

    def __init__(self, database_url: str, queue_url: str) -> None:
        # Mangum runs each request on the current loop.
        asyncio.set_event_loop(asyncio.new_event_loop())
        self._handler = make_handler(make_services(make_settings(database_url, queue_url)))

    def create(self, body: str) -> None:
        """Create one event. Raises RuntimeError if it was refused."""
        response = self._handler(make_event(body), None)
        if response["statusCode"] != 201:
            raise RuntimeError(f"{response['statusCode']}: {response.get('body')}")


class ApplicationCaller:
    """Calls the ASGI application itself, without Mangum's translation."""

    def __init__(self, database_url: str, queue_url: str) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._application = add_claims(make_application(database_url, queue_url))

    def create(self, body: str) -> None:
        """Create one event. Raises RuntimeError if it was refused."""
        status = self._loop.run_until_complete(_call(self._application, body.encode()))
        if status != 201:
            raise RuntimeError(str(status))


async def _call(application: Asgi, body: bytes) -> int:
    status = 0

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": _PATH,
        "raw_path": _PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"api.example.com"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 50000),
        "server": ("api.example.com", 443),
    }
    await application(scope, receive, send)
    return status


def make_event(body: str, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Make an event of API Gateway's HTTP API (payload format 2.0) that creates an event."""
    return {
        "version": "2.0",
        "routeKey": "POST /v1/events",
        "rawPath": _PATH,
        "rawQueryString": "",
        "headers": {"host": "api.example.com", "content-type": "application/json", **(headers or {})},
        "requestContext": {
            **_REQUEST_CONTEXT,
            "http": {"method": "POST", "path": _PATH, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def make_body(participants: list[str]) -> str:
    """Make the body of a request that creates an event for these people."""
    return json.dumps(
        {
            "title": "Планёрка",
            "starts_at": "2030-03-01T10:00:00+03:00",
            "ends_at": "2030-03-01T10:30:00+03:00",
            "participant_ids": participants,
        }
    )
