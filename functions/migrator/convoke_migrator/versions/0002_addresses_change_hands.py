"""Adds former holders of addresses, and acquaintances, to whom names are shown.

Contracts: events.participation, event_participants.invited_by_email; unused since release 0.1.0, the first.

Revision ID: 0002
Revises: 0001
"""

from alembic import op
from convoke.domain import email_key
from sqlalchemy import Connection

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE users ADD COLUMN claims_issued_at timestamptz NOT NULL DEFAULT '-infinity';

CREATE TABLE former_addresses (
    email_key text NOT NULL,
    user_id uuid NOT NULL,
    taken_at timestamptz,
    next_attempt_at timestamptz,
    CONSTRAINT pk_former_addresses PRIMARY KEY (email_key, user_id)
);
CREATE INDEX ix_former_addresses_user_id ON former_addresses (user_id);
CREATE INDEX ix_former_addresses_next_attempt_at ON former_addresses (next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;

CREATE TABLE acquaintances (
    organizer_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT pk_acquaintances PRIMARY KEY (organizer_id, user_id)
);
CREATE INDEX ix_acquaintances_user_id ON acquaintances (user_id);
INSERT INTO acquaintances (organizer_id, user_id)
SELECT DISTINCT events.organizer_id, part.user_id
FROM event_participants AS part JOIN events ON events.id = part.event_id
JOIN users ON users.id = part.user_id
WHERE part.responded_at IS NOT NULL AND part.user_id <> events.organizer_id AND users.erased_at IS NULL;

ALTER TABLE event_participants ADD COLUMN invited_address text;
UPDATE event_participants SET invited_address = users.email_key
FROM users WHERE users.id = event_participants.user_id AND event_participants.invited_by_email;
ALTER TABLE event_participants DROP COLUMN invited_by_email;
ALTER TABLE events DROP COLUMN participation;
"""

DOWNGRADE = """
ALTER TABLE events ADD COLUMN participation integer NOT NULL DEFAULT 1;
ALTER TABLE event_participants ADD COLUMN invited_by_email boolean NOT NULL DEFAULT false;
UPDATE event_participants SET invited_by_email = true WHERE invited_address IS NOT NULL;
ALTER TABLE event_participants ALTER COLUMN invited_by_email DROP DEFAULT;
ALTER TABLE event_participants DROP COLUMN invited_address;
DROP TABLE acquaintances, former_addresses;
ALTER TABLE users DROP COLUMN claims_issued_at;
"""

_LIST_INTERNATIONAL = """
SELECT id, email_key FROM users
WHERE email_key ~ '@.*(xn--|[^ -~])' ORDER BY subject_hash IS NULL, created_at, id
"""
_RELEASE_KEY = "UPDATE users SET email_key = NULL WHERE id = %s"
# The person who signed in, or came first, keeps the address. Another one becomes a former holder of it,
# and the relay hands over the invitations.
_TAKE_KEY = """
UPDATE users SET email_key = %s WHERE id = %s AND NOT EXISTS (SELECT FROM users WHERE email_key = %s)
RETURNING id
"""
_RENAME_INVITATIONS = "UPDATE event_participants SET invited_address = %s WHERE user_id = %s"
_REMEMBER = """
INSERT INTO former_addresses (email_key, user_id, taken_at, next_attempt_at) VALUES (%s, %s, now(), now())
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(UPGRADE)
    _unify_domains(connection)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWNGRADE)


def _unify_domains(connection: Connection) -> None:
    """Writes the keys of internationalized domains in the one form that `email_key` makes."""
    for user_id, old in connection.exec_driver_sql(_LIST_INTERNATIONAL).all():
        try:
            new = email_key(old)
        except ValueError:
            # The address can no longer be invited, nor be proved.
            new = None
        if new == old:
            continue
        connection.exec_driver_sql(_RELEASE_KEY, (user_id,))
        if new is None:
            continue
        connection.exec_driver_sql(_RENAME_INVITATIONS, (new, user_id))
        if connection.exec_driver_sql(_TAKE_KEY, (new, user_id, new)).first() is None:
            connection.exec_driver_sql(_REMEMBER, (new, user_id))
