"""Tables of events, participants and idempotent requests."""

from sqlalchemy import (
    ARRAY,
    UUID,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from convoke_migrator.models.base import metadata, time_column

events = Table(
    "events",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("organizer_id", UUID, ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("location", Text),
    time_column("starts_at"),
    time_column("ends_at"),
    Column("all_day", Boolean, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default="confirmed"),
    Column("reminder_minutes", ARRAY(Integer), nullable=False),
    # Counts changes of the event, not of its participants and their responses.
    Column("version", Integer, nullable=False, server_default="1"),
    time_column("created_at", default=True),
    time_column("updated_at", default=True),
    CheckConstraint("status IN ('confirmed', 'cancelled')", name="status"),
    CheckConstraint("ends_at >= starts_at", name="order"),
    Index("uq_events_organizer_id_uid", "organizer_id", "uid", unique=True),
    Index("ix_events_organizer_id_starts_at", "organizer_id", "starts_at", "id"),
    # The creation quota is a count over this index.
    Index("ix_events_organizer_id_created_at", "organizer_id", "created_at"),
)

event_participants = Table(
    "event_participants",
    metadata,
    Column("event_id", UUID, primary_key=True),
    Column("user_id", UUID, primary_key=True),
    Column("response_status", Text, nullable=False, server_default="needs_action"),
    # The key of the address by which the person was invited; null: by id. It decides which invitations are
    # handed over when the address changes hands.
    Column("invited_address", Text),
    time_column("responded_at", nullable=True),
    CheckConstraint(
        "response_status IN ('needs_action', 'accepted', 'declined', 'tentative')", name="response_status"
    ),
    Index("ix_event_participants_user_id", "user_id"),
)

idempotency_records = Table(
    "idempotency_records",
    metadata,
    Column("user_id", UUID, primary_key=True),
    # "POST /v1/events": the same key on another path is another key.
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("resource_id", UUID),
    # The number of rows that the request changed, for responses that contain it.
    Column("affected", Integer),
    time_column("created_at", default=True),
    Index("ix_idempotency_records_created_at", "created_at"),
)
