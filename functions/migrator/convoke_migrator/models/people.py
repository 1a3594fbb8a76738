"""Tables of people: users, addresses, blocks, quotas, and erasures and read marks in progress."""

from sqlalchemy import ARRAY, UUID, Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from convoke_migrator.models.base import metadata, time_column

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
    time_column("created_at", default=True),
    # A token from before belongs to the erased person with the same subject.
    Column("tokens_valid_from", DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")),
    time_column("erased_at", nullable=True),
    # Includes all that a delivery needs of a recipient (docs/decisions/0036).
    PrimaryKeyConstraint("id", postgresql_include=["locale", "time_zone", "muted_types", "erased_at"]),
    Index("uq_users_subject_hash", "subject_hash", unique=True, postgresql_where=text("erased_at IS NULL")),
    Index("uq_users_email_key", "email_key", unique=True),
    Index("ix_users_erased_at", "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
)

# Former holders of an address. `taken_at`: another person holds it since then, to whom the address's
# invitations are handed over (convoke.handover); null: it has no holder yet.
former_addresses = Table(
    "former_addresses",
    metadata,
    Column("email_key", Text, primary_key=True),
    Column("user_id", UUID, primary_key=True),
    time_column("taken_at", nullable=True),
    time_column("next_attempt_at", nullable=True),
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

blocks = Table(
    "blocks",
    metadata,
    Column("user_id", UUID, primary_key=True),
    Column("blocked_id", UUID, primary_key=True),
    time_column("created_at", default=True),
    # A delivery checks first whether anybody blocks the actor.
    Index("ix_blocks_blocked_id", "blocked_id"),
)

# A person's use of the hourly quotas; the SQL function charge_quotas updates it (docs/decisions/0048).
quota_usage = Table(
    "quota_usage",
    metadata,
    Column("user_id", UUID, primary_key=True),
    time_column("window_started_at", default=True),
    Column("waves", Integer, nullable=False, server_default="0"),
    Column("notifications", Integer, nullable=False, server_default="0"),
)

# Erasures that are not finished: the relay takes their steps (docs/decisions/0049).
erasures = Table(
    "erasures",
    metadata,
    Column("user_id", UUID, primary_key=True),
    Column("correlation_id", Text, nullable=False),
    time_column("erased_at"),
    time_column("next_step_at"),
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
    time_column("before"),
    time_column("read_at"),
    time_column("next_step_at"),
    Index("ix_read_marks_next_step_at", "next_step_at"),
)
