"""Cancels events: one statement, run by the API for one event and by an erasure (API and relay) for many."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from convoke.database.arrays import uuid_array
from convoke.domain import HIGHEST_SEQUENCE
from convoke.outbox import PAYLOAD, OutboxRow

# The events are locked by an earlier statement of the transaction (docs/decisions/0005). Reminders are locked
# in the order in which the worker locks rows, over all events.
_CANCEL = text(f"""
WITH pending AS MATERIALIZED (
    SELECT outbox.id, outbox.event_id FROM outbox
    WHERE outbox.event_id = ANY (CAST(:event_ids AS uuid[])) AND outbox.type = 'event_reminder'
      AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL
    ORDER BY outbox.id
    FOR UPDATE
),
event AS (
    UPDATE events
    SET status = 'cancelled', version = events.version + 1,
        sequence = least(events.sequence, {HIGHEST_SEQUENCE} - 1) + 1,
        updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    WHERE events.id = ANY (CAST(:event_ids AS uuid[]))
    RETURNING id, organizer_id, title, starts_at, ends_at, all_day, time_zone, updated_at
),
parts AS (
    SELECT event_id, array_agg(user_id ORDER BY user_id) AS recipient_ids
    FROM (SELECT part.event_id, part.user_id,
                 (row_number() OVER (PARTITION BY part.event_id ORDER BY part.user_id) - 1)
                     / CAST(:recipients_per_row AS integer) AS place
          FROM event JOIN event_participants AS part ON part.event_id = event.id
          WHERE part.user_id <> event.organizer_id
            AND (CAST(:notify_ended AS boolean) OR event.ends_at > event.updated_at)) AS numbered
    GROUP BY event_id, place
),
outbox_rows AS (
    INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id,
                        created_at, due_at, next_attempt_at)
    SELECT uuid7_at(event.updated_at), event.id, 'event_cancelled',
           {PAYLOAD} || jsonb_build_object('actor_id', event.organizer_id), parts.recipient_ids,
           :correlation_id, event.updated_at, event.updated_at,
           event.updated_at + make_interval(secs => CAST(:first_retry_seconds AS float8))
    FROM event JOIN parts ON parts.event_id = event.id
    RETURNING id, event_id, type, correlation_id
),
withdrawn AS (
    UPDATE outbox SET cancelled_at = event.updated_at
    FROM pending JOIN event ON event.id = pending.event_id
    WHERE outbox.id = pending.id
)
SELECT id, event_id, type, correlation_id FROM outbox_rows ORDER BY id
""")  # noqa: S608 - constants only


def cancel_events(
    connection: Connection,
    event_ids: Sequence[UUID],
    *,
    correlation_id: str,
    recipients_per_row: int,
    first_retry_seconds: float,
    notify_ended: bool = True,
) -> list[OutboxRow]:
    """Cancel confirmed events that the caller has locked; return the outbox rows for their participants.

    The relay sends undelivered rows after `first_retry_seconds`; with 0 it sends them first. Without
    `notify_ended` nobody is notified of an event that has ended.
    """
    values = {
        "event_ids": uuid_array(event_ids),
        "correlation_id": correlation_id,
        "recipients_per_row": recipients_per_row,
        "first_retry_seconds": first_retry_seconds,
        "notify_ended": notify_ended,
    }
    return [OutboxRow(*row) for row in connection.execute(_CANCEL, values)]
