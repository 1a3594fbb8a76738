"""Clients: one that waits for each answer, and many at once."""

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
    """The least value that so large a share of them does not exceed; `share` between 0 and 1."""
    return sorted(values)[ceil(share * len(values)) - 1]


class RefusedError(Exception):
    """The answer was not 201."""


class Client:
    """A connection that is kept, without Nagle's algorithm, and meetings that are created over it."""

    def __init__(
        self, url: str, headers: Mapping[str, str], *, timeout_seconds: float = _TIMEOUT_SECONDS
    ) -> None:
        self._address = urlsplit(url)
        self._headers = {"Content-Type": "application/json", **headers}
        self._connection = http.client.HTTPConnection(
            self._address.hostname or "", self._address.port, timeout=timeout_seconds
        )

    def connect(self) -> None:
        """Make the connection anew: servers end one that was idle for some seconds."""
        self._connection.close()
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def create(self, body: bytes) -> None:
        """Create one meeting. Raises RefusedError, and OSError or HTTPException on trouble on the way."""
        if self._connection.sock is None:
            self.connect()
        self._connection.request("POST", _PATH, body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status != http.client.CREATED:
            raise RefusedError(f"{response.status}: {text[:500].decode(errors='replace')}")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


class Load:
    """So many clients, each creating the next meeting as soon as it has its answer."""

    def __init__(self, make_client: Callable[[], Client], clients: int) -> None:
        self._make_client = make_client
        self._clients = clients
        #: Milliseconds of each creation that was answered with 201.
        self.answers: list[float] = []
        #: What the others were told.
        self.failures: list[str] = []

    def run(self, body: bytes, seconds: float) -> float:
        """Create meetings for that long; returns the seconds until the last answer to them."""
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
                self.answers.append((perf_counter() - started) * 1000)
        client.close()
