"""Measures the database's load: processor time of all its processes, and bytes written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from convoke.database.transactions import transaction
from sqlalchemy import Engine, text

_SERVER = text("SELECT pg_backend_pid(), pg_current_wal_lsn() - '0/0', pg_database_size(current_database())")


@dataclass(slots=True)
class DatabaseLoad:
    """The load of a block, filled at its end. `stored_bytes`: the database's growth."""

    cpu_seconds: float = 0
    wal_bytes: float = 0
    stored_bytes: float = 0


@contextmanager
def watch_database(engine: Engine) -> Iterator[DatabaseLoad]:
    """Measure the whole server within the block; it must have no other clients."""
    load = DatabaseLoad()
    before = _read(engine)
    yield load
    load.cpu_seconds, load.wal_bytes, load.stored_bytes = (
        after - earlier for after, earlier in zip(_read(engine), before, strict=True)
    )


def _read(engine: Engine) -> tuple[float, float, float]:
    with transaction(engine) as connection:
        process_id, wal_bytes, stored_bytes = connection.execute(_SERVER).one()
    server = psutil.Process(process_id).parent()
    if server is None:
        raise RuntimeError("the database's server has ended")
    # The server's own process includes the times of sessions that have ended.
    own = server.cpu_times()
    ended = own.children_user + own.children_system
    running = [child.cpu_times() for child in server.children()]
    cpu_seconds = own.user + own.system + ended + sum(it.user + it.system for it in running)
    return cpu_seconds, float(wal_bytes), float(stored_bytes)
