"""After the commit: the queue is told of new outbox rows. Whatever happens here, the request succeeded."""

from collections.abc import Sequence

from convoke.database.transactions import autocommit
from convoke.observability import MetricUnit
from convoke.outbox import OutboxRow, make_messages
from sqlalchemy import text

from convoke_api.services import Services

# As rows that nobody has sent: the relay's next ticks begin with them, a reminder still comes in time, and
# what the queue did take is a duplicate then, which does nothing.
_LEAVE_TO_RELAY = text("""
UPDATE outbox SET next_attempt_at = due_at
WHERE id IN (
    SELECT id FROM outbox
    WHERE id = ANY (CAST(:ids AS uuid[])) AND delivered_at IS NULL AND cancelled_at IS NULL AND attempts = 0
    ORDER BY id FOR UPDATE SKIP LOCKED)
""")


def send_messages(services: Services, rows: Sequence[OutboxRow]) -> None:
    """Tell the queue of committed outbox rows; what it does not take is left to the relay."""
    if not rows:
        return
    refused = len(rows) - services.queue.send(make_messages(rows))
    if refused:
        services.metrics.add_metric("DirectSendFailed", MetricUnit.Count, refused)
        services.logger.warning(
            "the queue did not take all messages; the relay will send them", refused=refused
        )
        _leave_to_relay(services, rows)


def _leave_to_relay(services: Services, rows: Sequence[OutboxRow]) -> None:
    try:
        with autocommit(services.engine) as connection:
            connection.execute(_LEAVE_TO_RELAY, {"ids": "{" + ",".join(str(row.id) for row in rows) + "}"})
    except Exception as error:  # noqa: BLE001 - the rows are owed all the same, and are sent after their first retry
        services.logger.warning("the relay will be late with them", error=type(error).__name__)
