"""What imports have applied, kept beside the stack's data: the API knows no DTSTAMP, and revisions need it.

It holds ids, revisions and answers; addresses only as hashes, so that an erased person is not named here.
Events are known by the API's ids: an emptied or another database makes the rows void, not wrong. Without the
file an import still changes nothing twice, but may take an older answer for news.
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
from convoke_local.errors import LocalStackError

from convoke_importer.revisions import Revision, SeenAnswer, SeenRevision

#: Its name in the data folder.
LEDGER_FILE = "imports.sqlite3"

#: Another import writes a row.
_WAIT_SECONDS = 30
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
        self._turn: int | None = None
        with ExitStack() as closing, self._translate():
            if isinstance(path, Path):
                # Hashes of addresses can be guessed: like the signing key, this is its owner's alone.
                with suppress(OSError):
                    path.touch(mode=0o600)
                # Not the ledger itself: a lock of ours on SQLite's file could get in the way of its own.
                turn = closing.enter_context(path.with_suffix(".lock").open("a"))
                self._turn = turn.fileno()
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
        """Keep other imports from acting for a while: between a look and what depends on it.

        They can look meanwhile, and what is recorded stays, whatever comes of it: this is no transaction.
        The turn goes on to the next when this process ends, however that happens.
        """
        if self._turn is None:
            # In memory, there is nobody else.
            yield
            return
        with self._translate():
            fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def find_revision(self, event_id: str) -> SeenRevision | None:
        """The revision that was applied to the event last, or was being applied."""
        row = self._find(
            "SELECT sequence, stamp, event_sequence, is_applied FROM events WHERE event_id = ?", event_id
        )
        return SeenRevision(Revision(row[0], row[1]), row[2], bool(row[3])) if row else None

    def record_revision(self, event_id: str, seen: SeenRevision) -> None:
        self._execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?)", event_id, *_values(seen))

    def record_creation(self, event_id: str, seen: SeenRevision) -> None:
        """The event's first revision, unless another import has been quick to change the event."""
        self._execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)", event_id, *_values(seen))

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
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(
                f"{self._path}, which remembers what was imported, cannot be used ({error}): free its disk"
                " and check its owner; if it is damaged, delete it"
            ) from error


def _values(seen: SeenRevision) -> tuple[int, str, int, bool]:
    return seen.revision.sequence, seen.revision.stamp, seen.event_sequence, seen.is_applied


def _hash(event_id: str, email: str) -> str:
    return hashlib.sha256(f"{event_id} {email_key(email)}".encode()).hexdigest()
