"""The HTTP server in front of the gateway, on a real socket."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from convoke_local.api_gateway.gateway import Gateway
from convoke_local.api_gateway.routes import Route
from convoke_local.api_gateway.web_server import WebServer, take_port
from convoke_local.errors import LocalStackError
from support.processes import wait_until

OPEN = [Route("", "", authorized=False)]


class SlowFunction:
    """Respond when `finish` is set, and record the waiting requests."""

    def __init__(self) -> None:
        self.called = threading.Event()
        self.finish = threading.Event()

    def __call__(self, _event: str) -> str:
        self.called.set()
        self.finish.wait(20)
        return json.dumps({"statusCode": 200, "body": "finished"})


@contextmanager
def serve(function: SlowFunction) -> Iterator[tuple[WebServer, str]]:
    gateway = Gateway(OPEN, lambda _token: {}, function, concurrency=2)
    with take_port(0) as listener:
        server = WebServer(gateway, listener, finish_seconds=10)
        server.start()
        yield server, f"http://127.0.0.1:{listener.getsockname()[1]}"
        function.finish.set()
        server.stop()
        assert not server.is_alive()


def test_a_request_under_way_is_finished_when_the_server_is_stopped() -> None:
    function = SlowFunction()
    with serve(function) as (server, url), ThreadPoolExecutor(2) as threads:
        response = threads.submit(httpx.get, url, timeout=30)
        function.called.wait(20)
        stopping = threads.submit(server.stop)
        wait_until(lambda: _is_closed(url))
        function.finish.set()

        assert response.result().text == "finished"
        stopping.result()


def _is_closed(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", httpx.URL(url).port or 0)) != 0


def test_a_port_can_be_taken_once() -> None:
    with take_port(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(LocalStackError, match=f"cannot use port {port}"):
            take_port(port)
    take_port(port).close()


def test_responses_leave_at_once_on_a_connection_that_is_kept_alive() -> None:
    # Head and body of a response are two writes: with Nagle's algorithm the second waits for 40 ms.
    nodelay: list[int] = []

    class Accept(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connection = transport.get_extra_info("socket")
            nodelay.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def connect() -> None:
        with take_port(0) as listener:
            server = await asyncio.get_running_loop().create_server(Accept, sock=listener)
            async with server:
                _, writer = await asyncio.open_connection(*listener.getsockname())
                while not nodelay:
                    await asyncio.sleep(0)
                writer.close()
                await writer.wait_closed()

    asyncio.run(asyncio.wait_for(connect(), 20))

    assert nodelay[0] != 0
