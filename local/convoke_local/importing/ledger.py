"""What imports have applied, kept beside the stack's data: the API knows no DTSTAMP, and revisions need it.

It holds ids, revisions and answers; addresses only as hashes, so that an erased person is not named here.
Events are known by the API's ids: an emptied or another database makes the rows void, not wrong. Without the
file an import still changes nothing twice, but may take an older answer for news.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from convoke.domain import email_key

from convoke_local.errors import LocalStackError
from convoke_local.importing.revisions import Revision, SeenAnswer, SeenRevision

#: Its name in the data folder.
LEDGER_FILE = "imports.sqlite3"

#: Another import holds the ledger while it makes one request, which may have to wait for the stack.
_WAIT_SECONDS = 300
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


class LedgerError(LocalStackError):
    """The ledger cannot be read or written; says where it is and what to do."""


class Ledger:
    """Revisions by event, answers and removals by event and attendee. A context manager."""

    def __init__(self, path: Path | str) -> None:
        """Opens the file, and makes it when it is missing; ":memory:" keeps nothing. Raises LedgerError."""
        self._path = path
        if isinstance(path, Path):
            # Hashes of addresses can be guessed: like the signing key, this is its owner's alone.
            with suppress(OSError):
                path.touch(mode=0o600)
        with self._translate():
            self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, autocommit=True)
        try:
            with self._translate():
                self._connection.executescript(_SCHEMA)
        except LedgerError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep other imports from the ledger for a while: between a look and what depends on it."""
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            # What was recorded has happened, whatever else went wrong.
            self._execute("COMMIT")

    def find_revision(self, event_id: str) -> SeenRevision | None:
        """The revision that was applied to the event last, or was being applied."""
        row = self._find(
            "SELECT sequence, stamp, event_sequence, is_applied FROM events WHERE event_id = ?", event_id
        )
        return SeenRevision(Revision(row[0], row[1]), row[2], bool(row[3])) if row else None

    def record_revision(self, event_id: str, seen: SeenRevision) -> None:
        values = (seen.revision.sequence, seen.revision.stamp, seen.event_sequence, seen.is_applied)
        self._execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?)", event_id, *values)

    def find_answer(self, event_id: str, email: str) -> SeenAnswer | None:
        """The last answer of an attendee that was applied."""
        row = self._find(
            "SELECT sequence, stamp, response_status FROM answers WHERE event_id = ? AND attendee = ?",
            event_id,
            _hash(event_id, email),
        )
        return SeenAnswer(Revision(row[0], row[1]), row[2]) if row else None

    def record_answer(self, event_id: str, email: str, seen: SeenAnswer) -> None:
        values = (seen.revision.sequence, seen.revision.stamp, seen.response_status)
        self._execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", event_id, _hash(event_id, email), *values
        )

    def find_removal(self, event_id: str, email: str) -> Revision | None:
        """The revision of the last CANCEL that took somebody out of the event."""
        row = self._find(
            "SELECT sequence, stamp FROM removals WHERE event_id = ? AND attendee = ?",
            event_id,
            _hash(event_id, email),
        )
        return Revision(*row) if row else None

    def record_removal(self, event_id: str, email: str, revision: Revision) -> None:
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
        except sqlite3.Error as error:
            raise LedgerError(
                f"{self._path}, which remembers what was imported, cannot be used ({error}): free its disk"
                " and check its owner; if it is damaged, delete it"
            ) from error


def _hash(event_id: str, email: str) -> str:
    return hashlib.sha256(f"{event_id} {email_key(email)}".encode()).hexdigest()
