"""People, events and outbox rows for the worker's tests, and the SQS events for their delivery."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from convoke.database.transactions import transaction
from convoke.embedding import fill_names
from convoke.messages import DeliveryMessage, encode_message
from sqlalchemy import Engine, text

PAYLOAD: dict[str, Any] = {
    "version": 1,
    "title": "Планёрка",
    "starts_at": "2026-03-05T11:30:00+00:00",
    "ends_at": "2026-03-05T12:30:00+00:00",
    "all_day": False,
    "time_zone": "Europe/Moscow",
    "actor_id": None,
}


def add_users(
    engine: Engine,
    count: int = 1,
    *,
    full_name: str | None = None,
    email: str | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
    muted_types: Sequence[str] = (),
    erased: bool = False,
) -> list[UUID]:
    """So many users, all alike but for their ids."""
    statement = text("""
        INSERT INTO users (full_name, email, locale, time_zone, muted_types, erased_at)
        SELECT :full_name, :email, :locale, :time_zone, CAST(:muted AS text[]),
               CASE WHEN :erased THEN now() END
        FROM generate_series(1, :count) RETURNING id
    """)
    values = {
        "count": count,
        "full_name": full_name,
        "email": email,
        "locale": locale,
        "time_zone": time_zone,
        "muted": "{" + ",".join(muted_types) + "}",
        "erased": erased,
    }
    with transaction(engine) as connection:
        return list(connection.execute(statement, values).scalars())


def add_user(engine: Engine, **values: Any) -> UUID:
    return add_users(engine, **values)[0]


def add_row(
    engine: Engine,
    recipients: Iterable[UUID] | None,
    type_: str = "event_invited",
    *,
    payload: object = None,
    event_id: UUID | None = None,
    due_in: float = 0,
    cancelled: bool = False,
) -> UUID:
    """An owed outbox row; `recipients` None as in a reminder, `due_in` seconds from now."""
    statement = text("""
        INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id,
                            created_at, due_at, next_attempt_at, cancelled_at)
        SELECT uuid7_at(clock_timestamp()), :event_id, :type, CAST(:payload AS jsonb),
               CAST(:recipients AS uuid[]), 'correlation-1',
               due - interval '1 hour' * :is_reminder, due, due, CASE WHEN :cancelled THEN now() END
        FROM (SELECT clock_timestamp() + make_interval(secs => :due_in) AS due) AS times
        RETURNING id
    """)
    values = {
        "event_id": event_id or uuid4(),
        "type": type_,
        "payload": json.dumps(PAYLOAD if payload is None else payload),
        "recipients": None if recipients is None else "{" + ",".join(map(str, recipients)) + "}",
        "is_reminder": int(type_ == "event_reminder"),
        "due_in": due_in,
        "cancelled": cancelled,
    }
    with transaction(engine) as connection:
        found: UUID = connection.execute(statement, values).scalar_one()
        return found


def add_event(engine: Engine, organizer: UUID, participants: dict[UUID, str]) -> UUID:
    """An event with participants and their responses."""
    event_id = uuid4()
    with transaction(engine) as connection:
        connection.execute(
            text("""
                INSERT INTO events (id, organizer_id, title, starts_at, ends_at, all_day, time_zone, uid,
                                    sequence, reminder_minutes)
                VALUES (:id, :organizer, 'Планёрка', now(), now(), false, 'UTC', :uid, 0, '{}')
            """),
            {"id": event_id, "organizer": organizer, "uid": str(event_id)},
        )
        for user_id, status in participants.items():
            connection.execute(
                text("INSERT INTO event_participants VALUES (:event, :user, :status)"),
                {"event": event_id, "user": user_id, "status": status},
            )
    return event_id


def query(engine: Engine, statement: str, **values: Any) -> list[Any]:
    """The rows of a statement, in a transaction of their own."""
    with transaction(engine) as connection:
        result = connection.execute(text(statement), values)
        return list(result) if result.returns_rows else []


def inboxes(engine: Engine) -> dict[UUID, list[str]]:
    """Every user's messages as they are read, the oldest first."""
    found: dict[UUID, list[str]] = {}
    for user_id, message, name in query(
        engine,
        """SELECT user_id, message, coalesce(nullif(actor.full_name, ''), actor.email)
           FROM notifications
           LEFT JOIN users AS actor ON actor.id = notifications.actor_id AND actor.erased_at IS NULL
           ORDER BY notifications.id""",
    ):
        found.setdefault(user_id, []).append(fill_names(message, name))
    return found


def count_notifications(engine: Engine) -> int:
    count: int = query(engine, "SELECT count(*) FROM notifications")[0][0]
    return count


def body_for(outbox_id: UUID) -> str:
    return encode_message(DeliveryMessage(outbox_id, uuid4(), "event_invited", "correlation-1"))


def sqs_event(*messages: UUID | str, receive_count: int = 1) -> dict[str, Any]:
    """An event as Lambda passes it on; a message is an outbox id or a body. messageId: m0, m1, …"""
    return {
        "Records": [
            {
                "messageId": f"m{index}",
                "receiptHandle": f"receipt-{index}",
                "body": message if isinstance(message, str) else body_for(message),
                "attributes": {"ApproximateReceiveCount": str(receive_count)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
            for index, message in enumerate(messages)
        ]
    }


def failed_ids(response: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


@dataclass
class RecordingQueue:
    """Remembers what was postponed, and for how long."""

    postponed: list[tuple[str, int]] = field(default_factory=list)

    def postpone(self, receipts: Sequence[tuple[str, int]]) -> None:
        self.postponed += receipts


@dataclass
class LambdaContext:
    """A Lambda context with the members that Powertools reads."""

    function_name: str = "notify-worker"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:notify-worker"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000
