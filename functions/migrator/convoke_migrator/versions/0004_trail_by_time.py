"""Orders the index of an event's delivery trail by time: the trail is read by pages.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# No statement reads cancelled rows by their event, and they would lie between the waves of a page.
UPGRADE = """
CREATE INDEX ix_outbox_event_id_created_at ON outbox (event_id, created_at) WHERE cancelled_at IS NULL;
DROP INDEX ix_outbox_event_id;
"""

DOWNGRADE = """
CREATE INDEX ix_outbox_event_id ON outbox (event_id);
DROP INDEX ix_outbox_event_id_created_at;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UPGRADE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWNGRADE)
