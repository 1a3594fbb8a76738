"""A proxy in front of PostgreSQL that breaks connections at the worst points.

The faults, drawn at a connection, at a client's statement, or at the server's completion of a transaction:
  database.refuse            the connection is reset before it is established
  database.cut_before        reset, and the statement (a COMMIT as well) has not reached the server
  database.hang_before       the statement has not reached the server, and no response comes
  database.cut_after_commit  the server has committed, and its response is lost
  database.cut_after_autocommit   the same for a statement that is a transaction of its own
  database.hang_after_commit the server has committed, and no response comes
  database.slow              responses on this connection come late
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable

from chaos.backend_protocol import BackendStream, Cycle
from chaos.faults import Faults
from convoke_local.processes.ports import HOST

DATABASE_FAULTS = (
    "database.refuse",
    "database.cut_before",
    "database.hang_before",
    "database.cut_after_commit",
    "database.cut_after_autocommit",
    "database.hang_after_commit",
    "database.slow",
)
_SLOW_SECONDS = 0.05
_CHUNK = 65_536


class DatabaseProxy:
    """Serves from its creation to `close`. `port` is the server's, and changes when it restarts."""

    def __init__(self, port: int, faults: Faults, *, asleep: bool = False) -> None:
        """`asleep`: connections are accepted and get no response until `wake` is called."""
        self.upstream_port = port
        self.faults = faults
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._links: set[_Link] = set()
        self._awake = threading.Event()
        if not asleep:
            self._awake.set()
        threading.Thread(target=self._accept, name="database-proxy", daemon=True).start()

    @property
    def connections(self) -> int:
        """Return their number. A connection closed by the server counts until it is closed for the client."""
        return len(self._links)

    def wake(self) -> None:
        """Serve from now on, waiting connections first."""
        self._awake.set()

    def close(self) -> None:
        """Stop serving and cut all connections."""
        # The thread in accept() wakes up from a shutdown, not from a close.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._awake.set()
        for link in list(self._links):
            link.cut()

    def forget(self, link: "_Link") -> None:
        """Remove a closed connection."""
        self._links.discard(link)

    def _accept(self) -> None:
        # Until then the operating system completes connections, and no bytes are sent on them.
        self._awake.wait()
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.faults.draw("database/connection", "database.refuse"):
                _reset(client)
                continue
            try:
                server = socket.create_connection((HOST, self.upstream_port), timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            link = _Link(self, client, server)
            self._links.add(link)
            link.start()


class _Link:
    """One connection, with a thread for each direction."""

    def __init__(self, proxy: DatabaseProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._faults = proxy.faults
        self._client = client
        self._server = server
        self._hangs = False
        self._slow = bool(self._faults.draw("database/pace", "database.slow"))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        for pump in (self._pump_statements, self._pump_responses):
            threading.Thread(target=self._run, args=(pump,), daemon=True).start()

    def cut(self) -> None:
        """Reset both ends."""
        for end in (self._client, self._server):
            _reset(end)
        self._proxy.forget(self)

    def _run(self, pump: Callable[[], None]) -> None:
        with contextlib.suppress(OSError):
            pump()
        self.cut()

    def _pump_statements(self) -> None:
        parsed = False
        while data := self._client.recv(_CHUNK):
            # Parse or Query: a new statement; Bind without a Parse before it: a statement kept by the
            # session. The start-up message begins with its length.
            kind, known = data[:1], parsed
            parsed = kind == b"P" or (parsed and kind != b"B")
            if kind in (b"P", b"Q") or (kind == b"B" and not known):
                match self._faults.draw("database/statement", "database.cut_before", "database.hang_before"):
                    case "database.cut_before":
                        return
                    case "database.hang_before":
                        self._hangs = True
            if not self._hangs:
                self._server.sendall(data)

    def _pump_responses(self) -> None:
        stream = BackendStream()
        started = False
        while data := self._server.recv(_CHUNK):
            if not started and len(data) == 1:
                # The response to a request for encryption is a single byte: N, no.
                self._client.sendall(data)
                continue
            stream.feed(data)
            for cycle in stream.take():
                started = True
                if not self._pass_on(cycle):
                    return
            if not started and not self._hangs:
                # The exchange of passwords has many responses before the first ReadyForQuery.
                self._client.sendall(stream.take_rest())

    def _pass_on(self, cycle: Cycle) -> bool:
        if self._slow:
            time.sleep(_SLOW_SECONDS)
        fault = None
        if cycle.committed == "commit":
            fault = self._faults.draw(
                "database/commit", "database.cut_after_commit", "database.hang_after_commit"
            )
        elif cycle.committed == "autocommit":
            fault = self._faults.draw("database/autocommit", "database.cut_after_autocommit")
        if fault == "database.hang_after_commit":
            self._hangs = True
        elif fault is not None:
            return False
        if not self._hangs:
            self._client.sendall(cycle.data)
        return True


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
