"""Declares the tables as SQLAlchemy Core: alembic compares them with the database; queries are plain SQL.

There is no ORM: the hot paths are single statements, and the ORM's import is a third of a cold start
(docs/decisions/0002). Why the big tables have no foreign keys: docs/decisions/0003.
"""

from sqlalchemy import (
    ARRAY,
    UUID,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_now = text("now()")


def _time(name: str, *, nullable: bool = False, default: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=_now if default else None)


users = Table(
    "users",
    metadata,
    Column("id", UUID, server_default=text("gen_random_uuid()")),
    # A hash of the token's `sub`. Null for a waiting person: the address was invited, nobody has signed in.
    Column("subject_hash", Text),
    # As in the last token, or, for a waiting person, as the inviter wrote it; verified or not.
    Column("email", Text),
    # The key of the verified address by which the person can be invited; null while the person holds none.
    Column("email_key", Text),
    # The newest token that was applied to the address; older ones are ignored.
    Column("claims_issued_at", DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")),
    Column("full_name", Text),
    Column("locale", Text),
    Column("time_zone", Text),
    Column("muted_types", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _time("created_at", default=True),
    # A token from before belongs to the erased person with the same subject.
    Column("tokens_valid_from", DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")),
    _time("erased_at", nullable=True),
    # Includes all that a delivery needs of a recipient (docs/decisions/0036).
    PrimaryKeyConstraint("id", postgresql_include=["locale", "time_zone", "muted_types", "erased_at"]),
    Index("uq_users_subject_hash", "subject_hash", unique=True, postgresql_where=text("erased_at IS NULL")),
    Index("uq_users_email_key", "email_key", unique=True),
    Index("ix_users_erased_at", "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
)

events = Table(
    "events",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("organizer_id", UUID, ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("location", Text),
    _time("starts_at"),
    _time("ends_at"),
    Column("all_day", Boolean, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default="confirmed"),
    Column("reminder_minutes", ARRAY(Integer), nullable=False),
    # Counts changes of the event, not of its participants and their responses.
    Column("version", Integer, nullable=False, server_default="1"),
    _time("created_at", default=True),
    _time("updated_at", default=True),
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
    _time("responded_at", nullable=True),
    CheckConstraint(
        "response_status IN ('needs_action', 'accepted', 'declined', 'tentative')", name="response_status"
    ),
    Index("ix_event_participants_user_id", "user_id"),
)

# Former holders of an address. `taken_at`: another person holds it since then, to whom the address's
# invitations are handed over (convoke.handover); null: it has no holder yet.
former_addresses = Table(
    "former_addresses",
    metadata,
    Column("email_key", Text, primary_key=True),
    Column("user_id", UUID, primary_key=True),
    _time("taken_at", nullable=True),
    _time("next_attempt_at", nullable=True),
    Index("ix_former_addresses_user_id", "user_id"),
    Index(
        "ix_former_addresses_next_attempt_at",
        "next_attempt_at",
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
)

# Persons who have responded to an event of an organizer: their names are shown on this organizer's events.
acquaintances = Table(
    "acquaintances",
    metadata,
    Column("organizer_id", UUID, primary_key=True),
    Column("user_id", UUID, primary_key=True),
    Index("ix_acquaintances_user_id", "user_id"),
)

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
    _time("created_at"),
    _time("due_at"),
    # How often its message was sent, and when the relay sends it next.
    Column("attempts", Integer, nullable=False, server_default="0"),
    _time("next_attempt_at"),
    _time("delivered_at", nullable=True),
    Column("written", Integer),
    Column("muted", Integer),
    _time("cancelled_at", nullable=True),
    _time("failed_at", nullable=True),
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
    _time("created_at"),
    _time("written_at"),
    _time("read_at", nullable=True),
    # Includes the column that a read mark is compared with.
    Index(
        "ix_notifications_unread",
        "user_id",
        "id",
        postgresql_include=["written_at"],
        postgresql_where=text("read_at IS NULL"),
    ),
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
    _time("created_at", default=True),
    Index("ix_idempotency_records_created_at", "created_at"),
)

# A person's use of the hourly quotas; the SQL function charge_quotas updates it (docs/decisions/0048).
quota_usage = Table(
    "quota_usage",
    metadata,
    Column("user_id", UUID, primary_key=True),
    _time("window_started_at", default=True),
    Column("waves", Integer, nullable=False, server_default="0"),
    Column("notifications", Integer, nullable=False, server_default="0"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("user_id", UUID, primary_key=True),
    Column("blocked_id", UUID, primary_key=True),
    _time("created_at", default=True),
    # A delivery checks first whether anybody blocks the actor.
    Index("ix_blocks_blocked_id", "blocked_id"),
)

# Erasures that are not finished: the relay takes their steps (docs/decisions/0049).
erasures = Table(
    "erasures",
    metadata,
    Column("user_id", UUID, primary_key=True),
    Column("correlation_id", Text, nullable=False),
    _time("erased_at"),
    _time("next_step_at"),
    # The last of the person's events, by start and id, that a step handled.
    Column("events_after", DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")),
    Column(
        "events_after_id",
        UUID,
        nullable=False,
        server_default=text("'00000000-0000-0000-0000-000000000000'"),
    ),
    Index("ix_erasures_next_step_at", "next_step_at"),
)

# This person's notifications written before `before` count as read since `read_at`, until the relay has
# marked the rows (docs/decisions/0050).
read_marks = Table(
    "read_marks",
    metadata,
    Column("user_id", UUID, primary_key=True),
    _time("before"),
    _time("read_at"),
    _time("next_step_at"),
    Index("ix_read_marks_next_step_at", "next_step_at"),
)
