"""Adds quotas of notifications, blocks, and the tables of unfinished erasures and read marks.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UPGRADE = """
-- A person's use of the hourly quotas. Most rows change with each act and stay on their page.
CREATE TABLE quota_usage (
    user_id uuid NOT NULL,
    window_started_at timestamptz NOT NULL DEFAULT now(),
    waves integer NOT NULL DEFAULT 0,
    notifications integer NOT NULL DEFAULT 0,
    CONSTRAINT pk_quota_usage PRIMARY KEY (user_id)
) WITH (fillfactor = 50);

-- Charges an act to the actor's quotas; an act that would exceed one takes the charge back and names it. The
-- actor's row is locked until the transaction ends; each statement of a VOLATILE function has a snapshot of
-- its own, so what is counted after the lock includes every act that was committed before.
-- `create_quota` is null for acts that create no event (docs/decisions/0048).
CREATE FUNCTION charge_quotas(
    actor uuid, recipients bigint, create_quota integer, create_quota_seconds integer, wave_quota integer,
    notification_quota integer, OUT refusal text, OUT retry_after_seconds integer
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    used quota_usage;
BEGIN
    IF recipients = 0 AND create_quota IS NULL THEN
        RETURN;
    END IF;
    LOOP
        UPDATE quota_usage SET
            window_started_at = CASE WHEN window_started_at <= now() - interval '1 hour'
                                     THEN now() ELSE window_started_at END,
            waves = CASE WHEN window_started_at <= now() - interval '1 hour' THEN 0 ELSE waves END
                + least(recipients, 1),
            notifications = CASE WHEN window_started_at <= now() - interval '1 hour'
                                 THEN 0 ELSE notifications END + recipients
        WHERE user_id = actor
        RETURNING * INTO used;
        EXIT WHEN FOUND;
        INSERT INTO quota_usage (user_id) VALUES (actor) ON CONFLICT DO NOTHING;
    END LOOP;
    IF create_quota IS NOT NULL THEN
        -- The creation that has to leave the window before there is room for another one.
        SELECT greatest(1, ceil(extract(epoch FROM created_at - now()) + create_quota_seconds))
        INTO retry_after_seconds
        FROM events
        WHERE organizer_id = actor AND created_at > now() - make_interval(secs => create_quota_seconds)
        ORDER BY created_at DESC
        OFFSET create_quota - 1 LIMIT 1;
        IF FOUND THEN
            refusal := 'create_quota';
        END IF;
    END IF;
    IF refusal IS NULL AND recipients > 0 THEN
        refusal := CASE WHEN recipients > notification_quota THEN 'wave_too_large'
                        WHEN used.waves > wave_quota THEN 'wave_quota'
                        WHEN used.notifications > notification_quota THEN 'notification_quota' END;
        retry_after_seconds := greatest(
            1, ceil(extract(epoch FROM used.window_started_at - now() + interval '1 hour')));
    END IF;
    IF refusal IS NOT NULL THEN
        PERFORM refund_quotas(actor, recipients);
    END IF;
END
$$;

-- Takes back a charge, in the statement that made it.
CREATE FUNCTION refund_quotas(actor uuid, recipients bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE quota_usage SET waves = waves - 1, notifications = notifications - recipients
    WHERE user_id = actor AND recipients > 0
$$;

CREATE TABLE blocks (
    user_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_blocks PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX ix_blocks_blocked_id ON blocks (blocked_id);

CREATE TABLE erasures (
    user_id uuid NOT NULL,
    correlation_id text NOT NULL,
    erased_at timestamptz NOT NULL,
    next_step_at timestamptz NOT NULL,
    events_after timestamptz NOT NULL DEFAULT '-infinity',
    events_after_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    CONSTRAINT pk_erasures PRIMARY KEY (user_id)
);
CREATE INDEX ix_erasures_next_step_at ON erasures (next_step_at);
-- The rest of erasures from before this revision.
INSERT INTO erasures (user_id, correlation_id, erased_at, next_step_at)
SELECT id, 'upgrade', erased_at, now() FROM users WHERE erased_at IS NOT NULL;

CREATE TABLE read_marks (
    user_id uuid NOT NULL,
    before timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    next_step_at timestamptz NOT NULL,
    CONSTRAINT pk_read_marks PRIMARY KEY (user_id)
);
CREATE INDEX ix_read_marks_next_step_at ON read_marks (next_step_at);

-- Includes the time of writing: a read mark is compared with it within the index.
DROP INDEX ix_notifications_unread;
CREATE INDEX ix_notifications_unread ON notifications (user_id, id) INCLUDE (written_at)
    WHERE read_at IS NULL;
"""

DOWNGRADE = """
DROP INDEX ix_notifications_unread;
CREATE INDEX ix_notifications_unread ON notifications (user_id, id) WHERE read_at IS NULL;
UPDATE notifications SET read_at = read_marks.read_at
FROM read_marks
WHERE notifications.user_id = read_marks.user_id AND notifications.read_at IS NULL
  AND notifications.written_at < read_marks.before;
DROP TABLE read_marks, erasures, blocks, quota_usage;
DROP FUNCTION refund_quotas(uuid, bigint);
DROP FUNCTION charge_quotas(uuid, bigint, integer, integer, integer, integer);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UPGRADE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWNGRADE)
