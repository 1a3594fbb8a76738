"""Clients: one that waits for each response, and many at once."""

import http.client
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from time import perf_counter
from urllib.parse import urlsplit

_PATH = "/v1/events"
_TIMEOUT_SECONDS = 60


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that a `share` (0 to 1) of the values does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


class RefusedError(Exception):
    """The response was not 201."""


class Client:
    """A kept connection, without Nagle's algorithm, over which events are created."""

    def __init__(
        self, url: str, headers: Mapping[str, str], *, timeout_seconds: float = _TIMEOUT_SECONDS
    ) -> None:
        self._address = urlsplit(url)
        self._headers = {"Content-Type": "application/json", **headers}
        self._connection = http.client.HTTPConnection(
            self._address.hostname or "", self._address.port, timeout=timeout_seconds
        )

    def connect(self) -> None:
        """Open a new connection: servers close one that was idle for some seconds."""
        self._connection.close()
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def create(self, body: bytes) -> None:
        """Create one event. Raises RefusedError, and OSError or HTTPException if the connection fails."""
        if self._connection.sock is None:
            self.connect()
        self._connection.request("POST", _PATH, body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status != http.client.CREATED:
            raise RefusedError(f"{response.status}: {text[:500].decode(errors='replace')}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Load:
    """Clients that each create the next event as soon as they have the response to the last one."""

    def __init__(self, make_client: Callable[[], Client], clients: int) -> None:
        self._make_client = make_client
        self._clients = clients
        #: Milliseconds of each creation whose response was 201.
        self.responses: list[float] = []
        #: The errors of the others.
        self.failures: list[str] = []

    def run(self, body: bytes, seconds: float) -> float:
        """Create events for `seconds`; return the seconds until the last response."""
        began = perf_counter()
        threads = [
            threading.Thread(target=self._create, args=(body, began + seconds), daemon=True)
            for _ in range(self._clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return perf_counter() - began

    def _create(self, body: bytes, deadline: float) -> None:
        client = self._make_client()
        while (started := perf_counter()) < deadline:
            try:
                client.create(body)
            except (RefusedError, OSError, http.client.HTTPException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                client.close()
            else:
                self.responses.append((perf_counter() - started) * 1000)
        client.close()
