"""Tables of the outbox and the inbox."""

from sqlalchemy import ARRAY, UUID, Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from convoke_migrator.models.base import metadata, time_column

outbox = Table(
    "outbox",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("event_id", UUID, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    # Null for a reminder: its recipients are resolved at the claim.
    Column("recipient_ids", ARRAY(UUID)),
    Column("correlation_id", Text, nullable=False),
    time_column("created_at"),
    time_column("due_at"),
    # How often its message was sent, and when the relay sends it next.
    Column("attempts", Integer, nullable=False, server_default="0"),
    time_column("next_attempt_at"),
    time_column("delivered_at", nullable=True),
    Column("written", Integer),
    Column("muted", Integer),
    time_column("cancelled_at", nullable=True),
    time_column("failed_at", nullable=True),
    Column("failure", Text),
    # The delivery trail of an event, newest first (without cancelled rows), and its pending reminders.
    Index(
        "ix_outbox_event_id_created_at",
        "event_id",
        "created_at",
        postgresql_where=text("cancelled_at IS NULL"),
    ),
    Index(
        "ix_outbox_owed",
        "next_attempt_at",
        postgresql_where=text("delivered_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL"),
    ),
    Index("ix_outbox_failed", "failed_at", postgresql_where=text("failed_at IS NOT NULL")),
)

notifications = Table(
    "notifications",
    metadata,
    # The order of the key is the order of the inbox.
    Column("user_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("event_id", UUID, nullable=False),
    Column("type", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("actor_id", UUID),
    # The time of the change, and the time at which the row was written.
    time_column("created_at"),
    time_column("written_at"),
    time_column("read_at", nullable=True),
    # Includes the column that a read mark is compared with.
    Index(
        "ix_notifications_unread",
        "user_id",
        "id",
        postgresql_include=["written_at"],
        postgresql_where=text("read_at IS NULL"),
    ),
)
