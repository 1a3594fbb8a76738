"""Run the HTTP server in front of the gateway: uvicorn in a thread, on a socket that is bound before."""

import logging
import socket
import threading

import uvicorn

from convoke_local.api_gateway.gateway import Gateway
from convoke_local.errors import LocalStackError
from convoke_local.processes.ports import HOST


def take_port(port: int) -> socket.socket:
    """Return a socket bound to that loopback port (0: any); connections wait until it is served.

    Raises LocalStackError when the port is taken.
    """
    # With an explicit protocol: asyncio turns Nagle's algorithm off only then, and with it on a response on a
    # connection that is kept alive takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A port whose last connections are still in TIME_WAIT is free.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Without `listen` Linux lets two sockets bind, and the second one's `listen` would fail much later.
        listener.listen()
    except OSError as error:
        listener.close()
        raise LocalStackError(
            f"cannot use port {port}: {error.strerror}; choose another one with CONVOKE_PORT"
        ) from error
    return listener


class WebServer:
    """Serve the gateway between `start` and `stop`."""

    def __init__(self, gateway: Gateway, listener: socket.socket, *, finish_seconds: int) -> None:
        """Prepare the server; after `stop`, requests under way have `finish_seconds` to end."""
        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                gateway,
                lifespan="off",
                ws="none",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                log_config=None,
                timeout_graceful_shutdown=finish_seconds,
            )
        )
        # uvicorn installs signal handlers only in the main thread.
        self._thread = threading.Thread(target=self._run, name="web-server", daemon=True)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except Exception:
            logging.getLogger(__name__).exception("HTTP server ended")

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Return whether the server runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Accept no new requests, finish those under way, and end."""
        self._server.should_exit = True
        self._thread.join()
