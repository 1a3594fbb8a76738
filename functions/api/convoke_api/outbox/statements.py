"""Common table expressions by which the statements that change an event write outbox rows.

Each is a piece of a WITH clause and reads these, which the statement defines itself:
  request     one row with REQUEST_COLUMNS (`request_record`)
  event       the event's columns as they are after the change; no row when nothing is to be written
  change      one row: the type, what the payload holds besides the event, and `at`, the time of the change
  recipients  the ids of the people to notify, without the actor
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from convoke.outbox import LONGEST_DELAY_SECONDS, PAYLOAD, OutboxRow
from sqlalchemy import RowMapping

from convoke_api.outbox.quotas import CHARGE_COLUMNS, IS_NOTIFIED, ensure_within_quotas
from convoke_api.unit_of_work import UnitOfWork

REQUEST_COLUMNS = f"""
        correlation_id text, recipients_per_row integer, first_retry_seconds integer,
        longest_delay_seconds integer, notify_ended boolean, previous_ends_at timestamptz, {CHARGE_COLUMNS}"""

INSERT_OUTBOX_ROWS = f"""
parts AS (
    SELECT array_agg(id ORDER BY id) AS recipient_ids
    FROM (SELECT recipients.id,
                 (row_number() OVER (ORDER BY recipients.id) - 1) / request.recipients_per_row AS part
          FROM request, recipients) AS numbered
    GROUP BY part
),
outbox_rows AS (
    INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id,
                        created_at, due_at, next_attempt_at)
    SELECT uuid7_at(change.at), event.id, change.type, {PAYLOAD} || change.payload, parts.recipient_ids,
           request.correlation_id, change.at, change.at,
           change.at + make_interval(secs => request.first_retry_seconds)
    FROM request, event, change, parts
    WHERE {IS_NOTIFIED}
    RETURNING id, event_id, type, correlation_id, 0.0 AS delay_seconds
)"""  # noqa: S608 - constants only

# When the event's reminders are due, past ones included.
REMINDER_TIMES = """
due AS (
    SELECT event.starts_at - make_interval(mins => minutes) AS at
    FROM event, unnest(event.reminder_minutes) AS minutes
)"""

# A message for a reminder within the longest delay of SQS is sent at once; the relay sends the others when
# they fall due.
INSERT_REMINDERS = f"""
{REMINDER_TIMES},
reminders AS (
    INSERT INTO outbox (id, event_id, type, payload, correlation_id, created_at, due_at, next_attempt_at)
    SELECT uuid7_at(due.at), event.id, 'event_reminder', {PAYLOAD} || '{{"actor_id": null}}',
           request.correlation_id, change.at, due.at,
           CASE WHEN due.at <= change.at + make_interval(secs => request.longest_delay_seconds)
                THEN due.at + make_interval(secs => request.first_retry_seconds)
                ELSE due.at END
    FROM request, event, change, due
    WHERE due.at > change.at
      AND NOT EXISTS (SELECT FROM outbox
                      WHERE outbox.event_id = event.id AND outbox.type = 'event_reminder'
                        AND outbox.due_at = due.at AND outbox.cancelled_at IS NULL
                      OFFSET 0)
    RETURNING id, event_id, type, correlation_id,
              extract(epoch FROM due_at - clock_timestamp())::float AS delay_seconds
)"""  # noqa: S608 - constants only

# The pending reminders, locked in the order in which the worker locks rows.
PENDING_REMINDERS = """
pending AS MATERIALIZED (
    SELECT outbox.id, outbox.due_at FROM outbox, request
    WHERE outbox.event_id = request.event_id AND outbox.type = 'event_reminder'
      AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL
    ORDER BY outbox.id
    FOR UPDATE OF outbox
)"""


def request_record(columns: str) -> str:
    """Return the CTE `request`: the parameter `request`, a JSON object, as a row with these columns."""
    return f"""
request AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:request AS jsonb)) AS request ({columns}, {REQUEST_COLUMNS})
)"""  # noqa: S608 - columns of our statements


def outbox_parameters(work: UnitOfWork, *, previous_ends_at: datetime | None = None) -> dict[str, Any]:
    """Return the values of REQUEST_COLUMNS; `previous_ends_at` is the end of the event before the change."""
    return {
        "correlation_id": work.correlation_id,
        "recipients_per_row": work.settings.recipients_per_row,
        "first_retry_seconds": work.settings.first_retry_seconds,
        "longest_delay_seconds": LONGEST_DELAY_SECONDS,
        "wave_quota": work.settings.wave_quota,
        "notification_quota": work.settings.notification_quota,
        "notify_ended": work.notify_ended,
        "previous_ends_at": previous_ends_at.isoformat() if previous_ends_at else None,
    }


def rows_to_send(*names: str) -> str:
    """Return an expression: the rows of these CTEs whose messages are sent at once, as a JSON array."""
    rows = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)  # noqa: S608 - names of our CTEs
    return f"""(
    SELECT coalesce(jsonb_agg(to_jsonb(row_to_send)), '[]') FROM ({rows}) AS row_to_send, request
    WHERE row_to_send.delay_seconds <= request.longest_delay_seconds)"""  # noqa: S608


def read_rows_to_send(column: list[dict[str, Any]]) -> list[OutboxRow]:
    """Return the outbox rows in a column made by `rows_to_send`."""
    return [
        OutboxRow(
            id=UUID(row_to_send["id"]),
            event_id=UUID(row_to_send["event_id"]),
            type=row_to_send["type"],
            correlation_id=row_to_send["correlation_id"],
            delay_seconds=row_to_send["delay_seconds"],
        )
        for row_to_send in column
    ]


def finish_change(work: UnitOfWork, row: RowMapping) -> None:
    """Add the outbox rows in a result with `rows_to_send` and REFUSAL to those that the unit of work sends.

    Raises QuotaExceededError for a change that exceeds a quota of the caller: it must be rolled back.
    """
    ensure_within_quotas(row, work.settings)
    work.rows_to_send += read_rows_to_send(row["rows_to_send"])
