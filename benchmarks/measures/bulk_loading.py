"""Measures the limits of an insert: COPY of the worker's own rows; and the ORM, row by row.

Each has a table of its own like `notifications`, so that they can take turns batch by batch, always on a
table as full as the worker's.
"""

import io
import random
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from convoke.database.transactions import transaction
from convoke_migrator.models import notifications
from sqlalchemy import Engine, MetaData, text
from sqlalchemy.orm import Session, registry

from benchmarks.peers.application import make_engine as make_peer_engine
from benchmarks.peers.tables import Event

_COLUMNS = "user_id, id, event_id, type, title, message, actor_id, created_at, written_at"
#: Bytes in a message of COPY. pg8000's own pieces have 8 KB, which is 2 % slower.
_PIECE = 65_536


def make_twin(engine: Engine, name: str) -> str:
    """Make a table like `notifications`, with its indexes; return its name."""
    with transaction(engine) as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        connection.execute(text(f"CREATE TABLE {name} (LIKE notifications INCLUDING ALL)"))
    return name


def read_rows(engine: Engine, outbox_ids: Sequence[UUID]) -> list[bytes]:
    """Read the notifications of outbox rows as lines of COPY, sorted by key."""
    ids = ", ".join(f"'{outbox_id}'" for outbox_id in outbox_ids)
    query = f"SELECT {_COLUMNS} FROM notifications WHERE id IN ({ids}) ORDER BY user_id, id"  # noqa: S608 - our ids
    stream = io.BytesIO()
    _execute(engine, f"COPY ({query}) TO STDOUT", stream)
    return stream.getvalue().splitlines(keepends=True)


def read_row(engine: Engine) -> dict[str, Any]:
    """Read the columns of one notification."""
    with transaction(engine) as connection:
        row = connection.execute(text(f"SELECT {_COLUMNS} FROM notifications LIMIT 1"))  # noqa: S608 - a constant
        return dict(row.mappings().one())


def shuffle(lines: Sequence[bytes]) -> list[bytes]:
    """Return the lines in another order, the same each time."""
    shuffled = list(lines)
    random.Random(0).shuffle(shuffled)  # noqa: S311 - no secrets here
    return shuffled


def copy_rows(engine: Engine, table: str, lines: Sequence[bytes]) -> float:
    """COPY the lines into a table in one transaction; return the seconds until it is committed."""
    data = b"".join(lines)
    pieces = [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)]
    started_at = perf_counter()
    _execute(engine, f"COPY {table} ({_COLUMNS}) FROM STDIN", iter(pieces))
    return perf_counter() - started_at


def _execute(engine: Engine, statement: str, stream: io.BytesIO | Iterator[bytes]) -> None:
    with transaction(engine) as connection:
        driver_connection: Any = connection.connection.driver_connection
        # SQLAlchemy does not commit a transaction in which it has sent no statement itself.
        driver_connection.cursor().execute(statement, stream=stream)
        driver_connection.commit()


class Notification:
    """A notification, mapped by an ORM."""

    def __init__(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self, name, value)


def insert_by_orm(
    database_url: str, table: str, row: Mapping[str, Any], people: Sequence[str]
) -> list[float]:
    """Insert a notification like `row` for each of `people`, in the seed's way; return the seconds of each.

    That is, an engine with the defaults of SQLAlchemy and the driver, and for each person a session, a lookup
    of the event, an insert and a commit.
    """
    mapping = registry()
    mapping.map_imperatively(Notification, notifications.to_metadata(MetaData(), name=table))
    engine = make_peer_engine(database_url)
    try:
        took = []
        for person in people:
            started_at = perf_counter()
            with Session(engine) as session:
                event = session.get_one(Event, row["event_id"])
                columns = {**row, "event_id": event.id, "user_id": UUID(person), "id": uuid4()}
                session.add(Notification(**columns))
                session.commit()
            took.append(perf_counter() - started_at)
        return took
    finally:
        engine.dispose()
        mapping.dispose()
