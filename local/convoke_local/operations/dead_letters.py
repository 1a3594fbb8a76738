"""List and redrive failed deliveries: `convoke dlq list` and `convoke dlq redrive`.

The outbox row has `failed_at` and `failure`; the dead-letter queue holds the messages. A redrive clears
`failed_at` and then moves the messages back. If it is interrupted in between, the relay sends the messages of
the rows, and a superfluous message finds its row delivered: repeating a redrive is harmless.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit, transaction
from convoke.errors import UnreadableMessageError
from convoke.messages import decode_message, encode_message
from convoke.outbox import OutboxRow, make_messages
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from convoke_local.configuration import Configuration
from convoke_local.errors import LocalStackError
from convoke_local.operations.dead_letter_queues import DeadLetter, DeadLetterQueue
from convoke_local.operations.stack_state import read_state
from convoke_local.sqs.aws_variables import find_aws_variables
from convoke_local.sqs.queues import make_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_TIMEOUT_SECONDS = 20

_FAILED = """
FROM outbox
WHERE failed_at IS NOT NULL AND delivered_at IS NULL AND cancelled_at IS NULL
  AND (CAST(:event_id AS uuid) IS NULL OR event_id = CAST(:event_id AS uuid))
  AND (CAST(:type AS text) IS NULL OR type = CAST(:type AS text))
"""
_LIST_FAILED = text(f"SELECT id, event_id, type, failed_at, failure {_FAILED} ORDER BY failed_at, id")
# In id order, as the worker locks. Due for the relay at once: it sends the messages that the queue does not
# accept here.
_CLEAR_FAILURES = text(f"""
WITH chosen AS MATERIALIZED (SELECT id {_FAILED} ORDER BY id FOR UPDATE)
UPDATE outbox SET failed_at = NULL, failure = NULL, attempts = 0, next_attempt_at = clock_timestamp()
FROM chosen WHERE outbox.id = chosen.id
RETURNING outbox.id, outbox.event_id, outbox.type, outbox.correlation_id
""")  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Filter:
    """Select failures: those of one event, of one type, or (None) all.

    The event of a message that cannot be read is unknown: `unreadable` includes these messages.
    """

    event_id: UUID | None = None
    type: str | None = None
    unreadable: bool = False

    def matches(self, letter: DeadLetter) -> bool:
        """Return whether the filter includes the message."""
        try:
            message = decode_message(letter.body)
        except UnreadableMessageError:
            return self.unreadable
        return self.event_id in (None, message.event_id) and self.type in (None, message.type)


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """An outbox row that has failed. `failure` holds no personal data: the worker ensures that."""

    outbox_id: UUID
    event_id: UUID
    type: str
    failed_at: datetime
    failure: str


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A dead letter that is not a message of a known schema; `reason` quotes nothing of it."""

    message_id: str
    receives: int
    reason: str


@dataclass(frozen=True, slots=True)
class FailureList:
    """The failed rows, and the approximate number of messages in the dead-letter queue.

    `unreadable`: those of the messages that cannot be read. Filters do not apply to these.
    """

    failed: Sequence[FailedDelivery]
    dead_letters: int
    unreadable: Sequence[UnreadableMessage]


@dataclass(frozen=True, slots=True)
class Redriven:
    """The number of rows that are pending again, and of messages that the queue accepted for them.

    `left`: messages of the filter that the queue did not accept; they are still dead letters, as are the
    `unreadable` ones, which the filter does not include.
    """

    rows: int
    messages: int
    left: int
    unreadable: int


def list_failures(configuration: Configuration, wanted: Filter) -> FailureList:
    """Return the failures. Raises LocalStackError when no stack runs or is named, or it does not respond."""
    with _translate_errors():
        database_url, queue = _connect(configuration)
        engine = _make_engine(database_url)
        try:
            with autocommit(engine) as connection:
                rows = connection.execute(_LIST_FAILED, _parameters(wanted))
                failed = [FailedDelivery(*row) for row in rows]
        finally:
            engine.dispose()
        dead_letters = queue.count()
        try:
            unreadable = list(_list_unreadable(queue.receive_all())) if dead_letters else []
        finally:
            queue.release()
        return FailureList(failed, dead_letters, unreadable)


def redrive(configuration: Configuration, wanted: Filter) -> Redriven:
    """Clear the failure of failed rows and send their messages. Raises LocalStackError as `list_failures`.

    When it raises half-way, nothing is lost: the relay sends the rows, and the letters are still there.
    """
    with _translate_errors():
        database_url, queue = _connect(configuration)
        engine = _make_engine(database_url)
        try:
            rows = clear_failures(engine, wanted)
        finally:
            engine.dispose()
        found = list(queue.receive_all())
        letters = [letter for letter in found if wanted.matches(letter)]
        unreadable = 0 if wanted.unreadable else sum(1 for _ in _list_unreadable(found))
        moved = queue.move(letters)
        # Dead letters expire, and queues are purged: a row without a message gets a new one.
        named = _named_rows(letters)
        missing = make_messages(row for row in rows if row.id not in named)
        sent = queue.send([encode_message(message) for message, _ in missing])
        queue.release()
        return Redriven(len(rows), moved + sent, len(letters) - moved, unreadable)


@contextmanager
def _translate_errors() -> Iterator[None]:
    # Loaded here, as in `sqs.queues`.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise LocalStackError(f"the queues do not respond: {error}") from error
    except (SQLAlchemyError, OSError) as error:
        raise LocalStackError(
            "the database does not respond: is the stack running, is DATABASE_URL right?"
        ) from error


def clear_failures(engine: Engine, wanted: Filter) -> list[OutboxRow]:
    """Clear the failure of failed rows, so that they are delivered; return these rows."""
    with transaction(engine) as connection:
        return [OutboxRow(*row) for row in connection.execute(_CLEAR_FAILURES, _parameters(wanted))]


def _list_unreadable(letters: Iterable[DeadLetter]) -> Iterator[UnreadableMessage]:
    for letter in letters:
        try:
            decode_message(letter.body)
        except UnreadableMessageError as error:
            yield UnreadableMessage(letter.id, letter.receives, str(error))


def _named_rows(letters: Iterable[DeadLetter]) -> set[UUID]:
    named = set()
    for letter in letters:
        try:
            named.add(decode_message(letter.body).outbox_id)
        except UnreadableMessageError:
            continue
    return named


def _parameters(wanted: Filter) -> dict[str, str | None]:
    return {"event_id": str(wanted.event_id) if wanted.event_id else None, "type": wanted.type}


def _make_engine(url: str) -> Engine:
    return make_engine(url, timeout_seconds=_TIMEOUT_SECONDS, application_name="convoke-dlq")


def _connect(configuration: Configuration) -> tuple[str, DeadLetterQueue]:
    """Return the database's URL and the queues: of the environment, else of the running stack."""
    environment = configuration.environment
    names = ("QUEUE_URL", "DEAD_LETTER_QUEUE_URL")
    urls = [environment[name] for name in names if environment.get(name)]
    if not urls:
        state = read_state(configuration.data_folder)
        variables = find_aws_variables(configuration, state.sqs_endpoint)
        client = make_client(state.sqs_endpoint, variables)
        return state.database_url, _open(client, state.queue_url, state.dead_letter_queue_url)
    if len(urls) < len(names) or configuration.database_url is None:
        raise LocalStackError(
            "set DATABASE_URL, QUEUE_URL and DEAD_LETTER_QUEUE_URL together, "
            "or none of them to use the running stack"
        )
    return configuration.database_url, _open(
        make_client(configuration.sqs_endpoint_url, environment), urls[0], urls[1]
    )


def _open(client: "SQSClient", url: str, dead_letter_url: str) -> DeadLetterQueue:
    return DeadLetterQueue(client, url, dead_letter_url)
