"""Parses the messages of a PostgreSQL server as far as a proxy needs them.

PostgreSQL documentation, "Frontend/Backend Protocol", 54.7 (message formats): one byte of type, four of
length (which counts itself), then the contents.
"""

from dataclasses import dataclass, field

_COMMAND_COMPLETE, _READY_FOR_QUERY = b"C", b"Z"
_HEADER = 5


@dataclass
class BackendStream:
    """Divides the server's bytes into cycles: each ends with ReadyForQuery.

    `feed` takes bytes as they come; `take` returns the complete cycles. The response to a request for
    encryption, a single byte, belongs to none and must not be fed.
    """

    _pending: bytearray = field(default_factory=bytearray)
    _tags: list[str] = field(default_factory=list)
    _scanned: int = 0

    def feed(self, data: bytes) -> None:
        """Add bytes of the server."""
        self._pending += data

    def take(self) -> "list[Cycle]":
        """Return the complete cycles, in order."""
        cycles = []
        while (end := self._message_end()) is not None:
            kind = bytes(self._pending[self._scanned : self._scanned + 1])
            content = bytes(self._pending[self._scanned + _HEADER : end])
            self._scanned = end
            if kind == _COMMAND_COMPLETE:
                self._tags.append(content.rstrip(b"\0").decode("ascii"))
            if kind == _READY_FOR_QUERY:
                cycles.append(Cycle(bytes(self._pending[:end]), tuple(self._tags), content == b"I"))
                del self._pending[:end]
                self._tags, self._scanned = [], 0
        return cycles

    def take_rest(self) -> bytes:
        """Return and drop the bytes of an incomplete cycle."""
        rest = bytes(self._pending[: self._scanned])
        del self._pending[: self._scanned]
        self._scanned = 0
        return rest

    def _message_end(self) -> int | None:
        if len(self._pending) < self._scanned + _HEADER:
            return None
        length = int.from_bytes(self._pending[self._scanned + 1 : self._scanned + _HEADER])
        end = self._scanned + 1 + length
        return end if len(self._pending) >= end else None


@dataclass(frozen=True, slots=True)
class Cycle:
    """The server's messages up to ReadyForQuery. `idle`: no transaction is open."""

    data: bytes
    tags: tuple[str, ...]
    idle: bool

    @property
    def committed(self) -> str | None:
        """Return how this cycle ended a transaction: by "commit", "autocommit", or not (None).

        A statement outside a transaction commits before ReadyForQuery with the status "idle".
        """
        if not self.idle or not self.tags or self.tags[-1] == "ROLLBACK":
            return None
        return "commit" if self.tags[-1] == "COMMIT" else "autocommit"
