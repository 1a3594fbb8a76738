"""Encodes and decodes the SQS message: it names an outbox row and holds nothing about people.

Sent by the API and the relay, read by the worker.
"""

import json
import re
from dataclasses import dataclass
from uuid import UUID

from convoke.errors import UnreadableMessageError

SCHEMA = 1

# A type or a correlation id as we write them: anything else would let a sender of messages write our logs.
_LABEL = re.compile(r"[A-Za-z0-9_-]{0,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DeliveryMessage:
    """Names the outbox row to deliver, `outbox_id`. The other fields are for logs alone."""

    outbox_id: UUID
    event_id: UUID
    type: str
    correlation_id: str = ""


def encode_message(message: DeliveryMessage) -> str:
    """Encode the message as ASCII JSON: SQS refuses some Unicode (U+FFFE), and counts bytes."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "outbox_id": str(message.outbox_id),
            "event_id": str(message.event_id),
            "type": message.type,
            "correlation_id": message.correlation_id,
        },
        separators=(",", ":"),
    )


def decode_message(body: str) -> DeliveryMessage:
    """Decode a message. Unknown fields are ignored, so that a newer sender can add some.

    Raises UnreadableMessageError for a body that is no message of a known schema: during a rolling
    deployment it then waits in the dead-letter queue for the newer worker, and nothing is lost.
    """
    try:
        fields = json.loads(body)
        schema = fields["schema"]
        if schema != SCHEMA or isinstance(schema, bool):
            raise UnreadableMessageError("the message has a schema that this worker does not know")
        return DeliveryMessage(
            outbox_id=UUID(fields["outbox_id"]),
            event_id=UUID(fields["event_id"]),
            type=_read_label(fields["type"]),
            correlation_id=_read_label(fields.get("correlation_id", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableMessageError("the message body is not a delivery message") from error


def _read_label(value: object) -> str:
    return value if isinstance(value, str) and _LABEL.fullmatch(value) else "unreadable"
