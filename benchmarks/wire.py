"""Counts round trips to PostgreSQL by a tap on the connection.

A round trip begins when the client sends after the server has sent, whatever the sizes of the packets and
whatever the driver does: each costs a network's latency once.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from convoke_local.processes.ports import HOST
from sqlalchemy import make_url

_PIECE = 65_536


class Tap:
    """Forwards bytes between a port of its own and the server; `trips` counts the round trips."""

    def __init__(self, host: str, port: int) -> None:
        self.trips = 0
        self._server = (host, port)
        self._listener = socket.create_server((HOST, 0))
        self._sockets: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    def close(self) -> None:
        """Close all connections."""
        for each in self._sockets:
            with suppress(OSError):
                # Wakes up the threads that wait for it.
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(self)
            for source, target, is_client in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=connection.pass_on, args=(source, target, is_client), daemon=True
                ).start()


class _Connection:
    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._server_spoke_last = True

    def pass_on(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_PIECE):
                # Before forwarding: the response to it cannot be noted first.
                if is_client and self._server_spoke_last:
                    self._tap.trips += 1
                self._server_spoke_last = not is_client
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def tapped(database_url: str) -> Iterator[tuple[Tap, str]]:
    """Open a tap in front of a database; yield it with the URL that leads through it."""
    address = make_url(database_url)
    tap = Tap(address.host or HOST, address.port or 5432)
    try:
        yield tap, address.set(host=HOST, port=tap.port).render_as_string(hide_password=False)
    finally:
        tap.close()
