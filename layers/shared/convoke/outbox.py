"""Defines the states, the payload and the messages of outbox rows, for the functions and the local stack.

A row stands for the notifications of one change, or a part of them, or of one reminder:

    written with the change ──→ pending ──claim──→ delivered
                                 │ ↑ └───────────→ cancelled   (a reminder that no longer applies)
                          failed ↓ │ redrive
                                failed          (the worker gave up; the message is in the dead-letter queue)

Rows are written by the statement of the change: `convoke_api.events.create_statement`,
`convoke_api.outbox.statements` for later changes, `convoke.cancellation` for cancelled events. The worker's
claim is in `convoke_worker.notification_statements`, the relay's in `convoke_relay.claims`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.messages import DeliveryMessage

#: Selects rows that are still to be delivered. Spelled as in the partial index `ix_outbox_owed`.
PENDING = "delivered_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL"

PAYLOAD_VERSION = 1

#: The columns of an event that the texts need, as SQL. Names are looked up when a text is read, never stored.
PAYLOAD = f"""jsonb_build_object(
        'version', {PAYLOAD_VERSION}, 'title', event.title,
        'starts_at', event.starts_at, 'ends_at', event.ends_at,
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
    """The part of an outbox row that its message needs; due in `delay_seconds`."""

    id: UUID
    event_id: UUID
    type: str
    correlation_id: str
    delay_seconds: float = 0


def make_messages(rows: Iterable[OutboxRow]) -> list[tuple[DeliveryMessage, int]]:
    """Make the queue messages for `rows`, each with its DelaySeconds: whole seconds, never early."""
    return [
        (
            DeliveryMessage(row.id, row.event_id, row.type, row.correlation_id),
            min(LONGEST_DELAY_SECONDS, max(0, -int(-row.delay_seconds // 1))),
        )
        for row in rows
    ]
