"""Sends messages for committed outbox rows. A failure here does not fail the request: the relay re-sends."""

from collections.abc import Sequence

from convoke.database.arrays import uuid_array
from convoke.database.transactions import autocommit
from convoke.observability import MetricUnit
from convoke.outbox import OutboxRow, make_messages
from sqlalchemy import text

from convoke_api.services import Services

# As rows that were never sent: the relay's next ticks begin with them, a reminder still comes in time, and
# a message that the queue did take is a duplicate then, which has no effect.
_LEAVE_TO_RELAY = text("""
UPDATE outbox SET next_attempt_at = due_at
WHERE id IN (
    SELECT id FROM outbox
    WHERE id = ANY (CAST(:ids AS uuid[])) AND delivered_at IS NULL AND cancelled_at IS NULL AND attempts = 0
    ORDER BY id FOR UPDATE SKIP LOCKED)
""")


def send_messages(services: Services, rows: Sequence[OutboxRow]) -> None:
    """Send a message for each committed outbox row; rows whose messages fail are left to the relay."""
    if not rows:
        return
    refused = len(rows) - services.queue.send(make_messages(rows))
    if refused:
        services.metrics.add_metric("DirectSendFailed", MetricUnit.Count, refused)
        services.logger.warning("sending messages failed, the relay will send them", refused=refused)
        _leave_to_relay(services, rows)


def _leave_to_relay(services: Services, rows: Sequence[OutboxRow]) -> None:
    try:
        with autocommit(services.engine) as connection:
            connection.execute(_LEAVE_TO_RELAY, {"ids": uuid_array(row.id for row in rows)})
    except Exception as error:  # noqa: BLE001 - the rows stay undelivered, and are sent at their first retry
        services.logger.warning(
            "leaving rows to the relay failed, it will send them at their first retry",
            error=type(error).__name__,
        )
