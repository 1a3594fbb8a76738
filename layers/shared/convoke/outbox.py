"""The outbox: one row is a fact that people are owed, from its commit to its delivery.

written with the fact ──→ owed ──claim──→ delivered
                           │ ↑ └─────────→ cancelled   (the fact no longer holds)
                    failed ↓ │ redrive
                          failed          (the worker gave up; the message is in the dead-letter queue)

The statements that write rows stand with the facts (`convoke_api.events.create`), the claim with the
delivery (`convoke_worker.delivery`). Here is what more than one of them needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.messages import DeliveryMessage

#: Rows that are still to be delivered. Spelled as in the partial index `ix_outbox_owed`.
OWED = "delivered_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL"

#: The columns of an event of which the texts are made, as SQL. Names are looked up at delivery, never stored.
PAYLOAD = """jsonb_build_object(
        'version', 1, 'title', event.title, 'starts_at', event.starts_at, 'ends_at', event.ends_at,
        'all_day', event.all_day, 'time_zone', event.time_zone)"""

#: SQS holds a message back for at most 15 minutes (SendMessage, DelaySeconds).
LONGEST_DELAY_SECONDS = 900


def select_reminded(event_id: str) -> str:
    """Return a SELECT of the people who get an event's reminders; `event_id` is an SQL expression.

    The organizer, and the participants who have not declined.
    """
    return f"""SELECT organizer_id FROM events WHERE events.id = {event_id}
               UNION
               SELECT user_id FROM event_participants
               WHERE event_participants.event_id = {event_id}
                 AND response_status <> '{ResponseStatus.DECLINED}'"""  # noqa: S608 - expressions of ours


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """What of a row is needed to ring the row_to_send for it. `delay_seconds` is how far off it is due."""

    id: UUID
    event_id: UUID
    type: str
    correlation_id: str
    delay_seconds: float = 0


def make_messages(rows: Iterable[OutboxRow]) -> list[tuple[DeliveryMessage, int]]:
    """The queue messages for `rows`, each with its DelaySeconds: whole seconds, never early."""
    return [
        (
            DeliveryMessage(row.id, row.event_id, row.type, row.correlation_id),
            min(LONGEST_DELAY_SECONDS, max(0, -int(-row.delay_seconds // 1))),
        )
        for row in rows
    ]


def instant_literal(instant: datetime) -> str:
    """An instant as PostgreSQL reads it, for JSON parameters."""
    return instant.isoformat()
