"""Declares the tables as SQLAlchemy Core: alembic compares them with the database; queries are plain SQL.

There is no ORM: the hot paths are single statements, and the ORM's import is a third of a cold start
(docs/decisions/0002). Why the big tables have no foreign keys: docs/decisions/0003.
"""

from convoke_migrator.models.base import metadata
from convoke_migrator.models.delivery import notifications, outbox
from convoke_migrator.models.events import event_participants, events, idempotency_records
from convoke_migrator.models.people import (
    acquaintances,
    blocks,
    erasures,
    former_addresses,
    quota_usage,
    read_marks,
    users,
)

__all__ = [
    "acquaintances",
    "blocks",
    "erasures",
    "event_participants",
    "events",
    "former_addresses",
    "idempotency_records",
    "metadata",
    "notifications",
    "outbox",
    "quota_usage",
    "read_marks",
    "users",
]
