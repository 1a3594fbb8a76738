"""Record the applied revisions in a file, because the API stores no DTSTAMP and revisions need it.

The file holds ids, revisions and replies; addresses only as hashes, so that an erased person is not named in
it. Events have the API's ids: with an emptied or another database the rows have no effect. Without the file
an import still changes nothing twice, but may apply an older reply.
"""

import fcntl
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from convoke.domain import email_key

from convoke_importer.errors import LedgerError
from convoke_importer.revisions import Revision, SeenReply, SeenRevision

#: The name of the file in the ledger's folder.
LEDGER_FILE = "imports.sqlite3"

#: Wait while another import writes a row.
_WAIT_SECONDS = 30
#: The table of replies is named `answers` in the files of earlier versions.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    event_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, stamp TEXT NOT NULL,
    event_sequence INTEGER NOT NULL, is_applied INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    event_id TEXT, attendee TEXT, sequence INTEGER NOT NULL, stamp TEXT NOT NULL,
    response_status TEXT NOT NULL, PRIMARY KEY (event_id, attendee)
) STRICT;
CREATE TABLE IF NOT EXISTS removals (
    event_id TEXT, attendee TEXT, sequence INTEGER NOT NULL, stamp TEXT NOT NULL,
    PRIMARY KEY (event_id, attendee)
) STRICT;
"""


class Ledger:
    """Store revisions by event, and replies and removals by event and attendee. A context manager."""

    def __init__(self, path: Path | str) -> None:
        """Open the file, created when it is missing; ":memory:" keeps nothing. Raises LedgerError."""
        self._path = path
        self._lock: int | None = None
        with ExitStack() as closing, self._translate():
            if isinstance(path, Path):
                # Hashes of addresses can be guessed: like the signing key, only its owner can read the file.
                with suppress(OSError):
                    path.touch(mode=0o600)
                # Not the ledger itself: a lock on SQLite's file could conflict with SQLite's own locks.
                lock = closing.enter_context(path.with_suffix(".lock").open("a"))
                self._lock = lock.fileno()
            self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, autocommit=True)
            closing.callback(self._connection.close)
            self._connection.executescript(_SCHEMA)
            self._closing = closing.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Lock the ledger for the length of the block, from a read to the changes that depend on it.

        Other imports can read meanwhile, and records stay after an error: this is not a transaction. The lock
        ends with this process, however that ends.
        """
        if self._lock is None:
            # In memory there is no other import.
            yield
            return
        with self._translate():
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def find_revision(self, event_id: str) -> SeenRevision | None:
        """Return the revision that was applied to the event last, or was being applied."""
        row = self._find(
            "SELECT sequence, stamp, event_sequence, is_applied FROM events WHERE event_id = ?", event_id
        )
        return SeenRevision(Revision(row[0], row[1]), row[2], bool(row[3])) if row else None

    def record_revision(self, event_id: str, seen: SeenRevision) -> None:
        """Record the revision of the event."""
        self._execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?)", event_id, *_values(seen))

    def record_creation(self, event_id: str, seen: SeenRevision) -> None:
        """Record the event's first revision, unless another import has already recorded a later one."""
        self._execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)", event_id, *_values(seen))

    def find_reply(self, event_id: str, email: str) -> SeenReply | None:
        """Return the last reply of an attendee that was applied."""
        row = self._find(
            "SELECT sequence, stamp, response_status FROM answers WHERE event_id = ? AND attendee = ?",
            event_id,
            _hash(event_id, email),
        )
        return SeenReply(Revision(row[0], row[1]), row[2]) if row else None

    def record_reply(self, event_id: str, email: str, seen: SeenReply) -> None:
        """Record the reply of an attendee."""
        values = (seen.revision.sequence, seen.revision.stamp, seen.response_status)
        self._execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", event_id, _hash(event_id, email), *values
        )

    def find_removal(self, event_id: str, email: str) -> Revision | None:
        """Return the revision of the last CANCEL that removed a person from the event."""
        row = self._find(
            "SELECT sequence, stamp FROM removals WHERE event_id = ? AND attendee = ?",
            event_id,
            _hash(event_id, email),
        )
        return Revision(*row) if row else None

    def record_removal(self, event_id: str, email: str, revision: Revision) -> None:
        """Record the CANCEL that removed a person from the event."""
        values = (revision.sequence, revision.stamp)
        self._execute(
            "INSERT OR REPLACE INTO removals VALUES (?, ?, ?, ?)", event_id, _hash(event_id, email), *values
        )

    def _find(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        with self._translate():
            row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return row

    def _execute(self, statement: str, *values: object) -> None:
        with self._translate():
            self._connection.execute(statement, values)

    @contextmanager
    def _translate(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(
                f"the import ledger {self._path} cannot be used ({error}): check disk space and owner;"
                " if it is damaged, delete it"
            ) from error


def _values(seen: SeenRevision) -> tuple[int, str, int, bool]:
    return seen.revision.sequence, seen.revision.stamp, seen.event_sequence, seen.is_applied


def _hash(event_id: str, email: str) -> str:
    return hashlib.sha256(f"{event_id} {email_key(email)}".encode()).hexdigest()
