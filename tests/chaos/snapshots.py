"""Reads the database after a run, with people named by their addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaos.tags import find_tag
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from sqlalchemy import text

_EVENTS = text("""
SELECT events.id::text, events.title, events.status, events.starts_at, events.reminder_minutes,
       events.created_at, users.email AS organizer,
       (SELECT jsonb_object_agg(person.email, part.response_status)
        FROM event_participants AS part JOIN users AS person ON person.id = part.user_id
        WHERE part.event_id = events.id) AS responses,
       (SELECT jsonb_object_agg(person.email, extract(epoch FROM part.responded_at))
        FROM event_participants AS part JOIN users AS person ON person.id = part.user_id
        WHERE part.event_id = events.id) AS responded_at
FROM events JOIN users ON users.id = events.organizer_id
""")
_NOTIFICATIONS = text("""
SELECT recipient.email AS recipient, note.id::text, note.event_id::text, note.type, note.message,
       actor.email AS actor, note.created_at, note.written_at
FROM notifications AS note
JOIN users AS recipient ON recipient.id = note.user_id
LEFT JOIN users AS actor ON actor.id = note.actor_id
ORDER BY note.user_id, note.id
""")
_OUTBOX = text("""
SELECT id::text, event_id::text, type, due_at, delivered_at, cancelled_at, failed_at FROM outbox
""")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of events, with its participants."""

    id: str
    tag: str
    status: str
    organizer: str
    created_at: datetime
    #: The due times of its reminders in its present state.
    due: frozenset[datetime]
    responses: Mapping[str, str]
    #: The time of each participant's RSVP, in seconds since the epoch; None: not yet.
    responded_at: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class StoredNotification:
    """A row of notifications; `tag` is the mark of the title that its message begins with."""

    recipient: str
    id: str
    event_id: str
    type: str
    tag: str
    actor: str | None
    created_at: datetime
    written_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A row of the outbox."""

    id: str
    event_id: str
    type: str
    due_at: datetime
    delivered_at: datetime | None
    cancelled_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows, read in one transaction. Notifications are sorted by recipient, then by id."""

    events: list[StoredEvent]
    notifications: list[StoredNotification]
    outbox: list[OutboxEntry]


def take_snapshot(url: str) -> Snapshot:
    """Read a snapshot of the database."""
    engine = make_engine(url, timeout_seconds=60, application_name="chaos-checker")
    try:
        with transaction(engine) as connection:
            events = [
                StoredEvent(
                    row.id,
                    find_tag(row.title),
                    row.status,
                    row.organizer,
                    row.created_at,
                    frozenset(row.starts_at - timedelta(minutes=it) for it in row.reminder_minutes),
                    row.responses or {},
                    row.responded_at or {},
                )
                for row in connection.execute(_EVENTS)
            ]
            notifications = [
                StoredNotification(
                    row.recipient,
                    row.id,
                    row.event_id,
                    row.type,
                    find_tag(row.message),
                    row.actor,
                    row.created_at,
                    row.written_at,
                )
                for row in connection.execute(_NOTIFICATIONS)
            ]
            return Snapshot(events, notifications, [OutboxEntry(*row) for row in connection.execute(_OUTBOX)])
    finally:
        engine.dispose()
