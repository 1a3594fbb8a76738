"""Run the importer with the API's real handler and the test's own database."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_local.api_gateway.proxy_events import Request, make_event, read_response
from convoke_local.api_gateway.routes import Route, find_route
from convoke_local.api_gateway.tokens import verify_token
from convoke_worker.handler import make_handler as make_worker
from convoke_worker.settings import WorkerSettings
from integration.api.client import RecordingQueue
from integration.importer.scene import KEY, MakeTransport, Scene
from integration.worker.stage import RecordingQueue as PostponingQueue
from sqlalchemy import Engine


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def make_transport(engine: Engine, database_url: str, queue: RecordingQueue) -> Iterator[MakeTransport]:
    """Make transports from HTTP to the handler, as the gateway has; settings as keywords."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    routes = [Route("", "", authorized=True)]

    def make(**settings: int) -> httpx.BaseTransport:
        handler = make_handler(
            Services(
                engine,
                queue,
                ApiSettings(database_url=database_url, stage="test", **settings),  # type: ignore[arg-type] # numbers
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
                    port=8000,
                    protocol="HTTP/1.1",
                    request_id="test",
                    received_at=datetime.now(UTC),
                ),
                match,
                claims,
            )
            response = read_response(json.dumps(handler(json.loads(json.dumps(event)), None)))
            return httpx.Response(response.status, headers=response.headers, content=response.body)

        return httpx.MockTransport(serve)

    yield make
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def scene(
    tmp_path: Path,
    make_transport: MakeTransport,
    queue: RecordingQueue,
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> Scene:
    worker = make_worker(WorkerSettings(database_url=""), engine, PostponingQueue())
    return Scene(tmp_path, make_transport(), queue, worker, engine, capsys)
