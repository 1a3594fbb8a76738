"""Read the state of deliveries for `convoke status`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.outbox import PENDING
from sqlalchemy import text

from convoke_local.configuration import Configuration
from convoke_local.operations.stack_state import StackState, read_state
from convoke_local.sqs.aws_variables import find_aws_variables
from convoke_local.sqs.queues import make_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_TIMEOUT_SECONDS = 10
_DUPLICATES_METRIC = "DuplicatesSuppressed"

_OUTBOX = text(f"""
SELECT count(*) FILTER (WHERE {PENDING} AND due_at <= now()),
       count(*) FILTER (WHERE failed_at IS NOT NULL),
       extract(epoch FROM now() - min(due_at) FILTER (WHERE {PENDING} AND due_at <= now())),
       sum(written)
FROM outbox
""")  # noqa: S608 - PENDING is a constant


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """Counts of messages: visible, in flight, and dead letters (approximate, as SQS counts)."""

    visible: int
    in_flight: int
    dlq: int


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """Counts of outbox rows: due and undelivered, failed; and for how long the oldest has been due."""

    pending: int
    failed: int
    oldest_age_seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """The output of `convoke status --json`; `delivered` counts notifications."""

    queue: QueueStatus
    outbox: OutboxStatus
    delivered: int
    duplicates_suppressed: int


def read_status(configuration: Configuration) -> Status:
    """Read the status from the services of the running stack. Raises LocalStackError when none runs."""
    state = read_state(configuration.data_folder)
    outbox, delivered = _read_outbox(state.database_url)
    return Status(
        queue=_read_queues(state, configuration),
        outbox=outbox,
        delivered=delivered,
        duplicates_suppressed=sum_metric(configuration.logs / "worker.log", _DUPLICATES_METRIC),
    )


def _read_outbox(database_url: str) -> tuple[OutboxStatus, int]:
    engine = make_engine(database_url, timeout_seconds=_TIMEOUT_SECONDS, application_name="convoke-status")
    try:
        with autocommit(engine) as connection:
            row = connection.execute(_OUTBOX).one()
    finally:
        engine.dispose()
    return OutboxStatus(row[0], row[1], round(float(row[2] or 0), 1)), int(row[3] or 0)


def _read_queues(state: StackState, configuration: Configuration) -> QueueStatus:
    client = make_client(state.sqs_endpoint, find_aws_variables(configuration, state.sqs_endpoint))
    visible, in_flight = _count_messages(client, state.queue_url)
    return QueueStatus(visible, in_flight, dlq=sum(_count_messages(client, state.dead_letter_queue_url)))


def _count_messages(client: "SQSClient", url: str) -> tuple[int, int]:
    attributes = client.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return (
        int(attributes["ApproximateNumberOfMessages"]),
        int(attributes["ApproximateNumberOfMessagesNotVisible"]),
    )


def sum_metric(log: Path, name: str) -> int:
    """Return the sum of a metric over all lines in CloudWatch's embedded metric format in a function's log.

    Only the log has it: a suppressed duplicate leaves no trace in the database. The log is kept, over
    restarts too, until `convoke up --fresh`.
    """
    mark = f'"{name}"'.encode()
    try:
        with log.open("rb") as lines:
            return sum(_read_metric(line, name) for line in lines if mark in line and b'"_aws"' in line)
    except FileNotFoundError:
        return 0


def _read_metric(line: bytes, name: str) -> int:
    try:
        value = json.loads(line)[name]
        return int(sum(value) if isinstance(value, list) else value)
    except (ValueError, TypeError, KeyError):
        # The line was cut off when its process was killed.
        return 0


def format_status(status: Status) -> str:
    """Return the status as lines of text."""
    queue, outbox = status.queue, status.outbox
    return "\n".join(
        [
            f"queue    {queue.visible} visible, {queue.in_flight} in flight, {queue.dlq} dead letters",
            f"outbox   {outbox.pending} pending (the oldest for {outbox.oldest_age_seconds:.0f} s), "
            f"{outbox.failed} failed",
            f"done     {status.delivered} notifications delivered, "
            f"{status.duplicates_suppressed} duplicate messages suppressed",
        ]
    )


def encode_status(status: Status) -> str:
    """Return the status as JSON."""
    return json.dumps(asdict(status))
