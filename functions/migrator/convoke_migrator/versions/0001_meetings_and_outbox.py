"""Creates users, events, participants, the outbox and the notifications.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UPGRADE = """
-- A version 7 UUID (RFC 9562, 5.7) for a point in time, to the microsecond (6.2, method 3): ids of outbox
-- rows sort by the time of the change, by the database's clock. PostgreSQL 18 has uuidv7(), older ones do
-- not.
CREATE FUNCTION uuid7_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_byte(
            set_byte(
                overlay(uuid_send(gen_random_uuid())
                        PLACING substring(int8send(us / 1000) FROM 3) FROM 1 FOR 6),
                6, (112 | ((us % 1000 * 4096 / 1000)::int >> 8))),
            7, ((us % 1000 * 4096 / 1000)::int & 255)),
        'hex')::uuid
    FROM (SELECT (extract(epoch FROM at) * 1000000)::bigint AS us) AS clock
$$;

CREATE TABLE users (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    subject_hash text,
    email text,
    email_key text,
    full_name text,
    locale text,
    time_zone text,
    muted_types text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    tokens_valid_from timestamptz NOT NULL DEFAULT '-infinity',
    erased_at timestamptz,
    -- Includes all that a delivery needs of a recipient: docs/decisions/0036.
    CONSTRAINT pk_users PRIMARY KEY (id) INCLUDE (locale, time_zone, muted_types, erased_at)
);
CREATE UNIQUE INDEX uq_users_subject_hash ON users (subject_hash) WHERE erased_at IS NULL;
CREATE UNIQUE INDEX uq_users_email_key ON users (email_key);
CREATE INDEX ix_users_erased_at ON users (erased_at) WHERE erased_at IS NOT NULL;

CREATE TABLE events (
    id uuid NOT NULL,
    organizer_id uuid NOT NULL,
    title text NOT NULL,
    description text,
    location text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    all_day boolean NOT NULL,
    time_zone text NOT NULL,
    uid text NOT NULL,
    sequence integer NOT NULL,
    status text NOT NULL DEFAULT 'confirmed',
    reminder_minutes integer[] NOT NULL,
    version integer NOT NULL DEFAULT 1,
    participation integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT fk_events_organizer_id FOREIGN KEY (organizer_id) REFERENCES users (id),
    CONSTRAINT ck_events_status CHECK (status IN ('confirmed', 'cancelled')),
    CONSTRAINT ck_events_order CHECK (ends_at >= starts_at)
);
CREATE UNIQUE INDEX uq_events_organizer_id_uid ON events (organizer_id, uid);
CREATE INDEX ix_events_organizer_id_starts_at ON events (organizer_id, starts_at, id);
CREATE INDEX ix_events_organizer_id_created_at ON events (organizer_id, created_at);

CREATE TABLE event_participants (
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    response_status text NOT NULL DEFAULT 'needs_action',
    invited_by_email boolean NOT NULL,
    responded_at timestamptz,
    CONSTRAINT pk_event_participants PRIMARY KEY (event_id, user_id),
    CONSTRAINT ck_event_participants_response_status
        CHECK (response_status IN ('needs_action', 'accepted', 'declined', 'tentative'))
);
CREATE INDEX ix_event_participants_user_id ON event_participants (user_id);

CREATE TABLE outbox (
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    recipient_ids uuid[],
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    delivered_at timestamptz,
    written integer,
    muted integer,
    cancelled_at timestamptz,
    failed_at timestamptz,
    failure text,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE INDEX ix_outbox_event_id ON outbox (event_id);
CREATE INDEX ix_outbox_owed ON outbox (next_attempt_at)
    WHERE delivered_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL;
CREATE INDEX ix_outbox_failed ON outbox (failed_at) WHERE failed_at IS NOT NULL;

CREATE TABLE notifications (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    title text NOT NULL,
    message text NOT NULL,
    actor_id uuid,
    created_at timestamptz NOT NULL,
    written_at timestamptz NOT NULL,
    read_at timestamptz,
    CONSTRAINT pk_notifications PRIMARY KEY (user_id, id)
);
CREATE INDEX ix_notifications_unread ON notifications (user_id, id) WHERE read_at IS NULL;

CREATE TABLE idempotency_records (
    user_id uuid NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    resource_id uuid,
    affected integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_records PRIMARY KEY (user_id, scope, key)
);
CREATE INDEX ix_idempotency_records_created_at ON idempotency_records (created_at);
"""

DOWNGRADE = """
DROP TABLE idempotency_records, notifications, outbox, event_participants, events, users;
DROP FUNCTION uuid7_at(timestamptz);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UPGRADE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWNGRADE)
