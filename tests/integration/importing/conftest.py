"""The importer before the API's real handler, over the test's own database."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from convoke.observability import make_logger, make_metrics
from convoke.settings import Settings
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from convoke_local.proxy_events import Request, make_event, read_answer
from convoke_local.routes import Route, find_route
from convoke_local.tokens import verify_token
from integration.importing.silent_queue import SilentQueue
from sqlalchemy import Engine

KEY = "k" * 64


@pytest.fixture
def make_transport(engine: Engine, database_url: str) -> Iterator[Callable[..., httpx.BaseTransport]]:
    """Makes transports from HTTP to the handler, as the gateway does it; settings as keywords."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    routes = [Route("", "", authorized=True)]

    def make(**settings: int) -> httpx.BaseTransport:
        handler = make_handler(
            Services(
                engine,
                SilentQueue(),
                Settings(database_url=database_url, stage="test", **settings),  # type: ignore[arg-type] # numbers
                make_logger("convoke-api"),
                make_metrics("convoke-api", "test"),
            )
        )

        def serve(request: httpx.Request) -> httpx.Response:
            claims = verify_token(KEY, request.headers["Authorization"].removeprefix("Bearer "))
            match = find_route(routes, request.method, request.url.path)
            assert match is not None
            event = make_event(
                Request(
                    method=request.method,
                    path=request.url.path,
                    query=request.url.query.decode("ascii"),
                    headers=[(name.lower(), value) for name, value in request.headers.items()],
                    body=request.read(),
                    source_ip="127.0.0.1",
                    protocol="HTTP/1.1",
                    request_id="test",
                    received_at=datetime.now(UTC),
                ),
                match,
                claims,
            )
            answer = read_answer(json.dumps(handler(json.loads(json.dumps(event)), None)))
            return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

        return httpx.MockTransport(serve)

    yield make
    asyncio.set_event_loop(None)
    loop.close()
