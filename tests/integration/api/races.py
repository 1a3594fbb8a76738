"""Holding a request in the middle of its statement, so that a race has one outcome."""

import time

from integration.api.client import Query
from sqlalchemy import Connection, text

_SECONDS = 10


def insert_event(connection: Connection, organizer_id: str, uid: str) -> None:
    """Insert an event. Until that is committed, a request with the same uid waits for it."""
    connection.execute(
        text("""
            INSERT INTO events
                (id, organizer_id, uid, title, starts_at, ends_at, all_day, time_zone, sequence,
                 reminder_minutes)
            VALUES (gen_random_uuid(), :organizer_id, :uid, '', now(), now(), false, 'UTC', 0, '{}')
        """),
        {"organizer_id": organizer_id, "uid": uid},
    )


def wait_for_somebody_to_wait(query: Query) -> None:
    """Return as soon as some statement waits for a lock."""
    give_up_at = time.monotonic() + _SECONDS
    while not query("SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert time.monotonic() < give_up_at, "nobody waits for a lock"
        time.sleep(0.005)
