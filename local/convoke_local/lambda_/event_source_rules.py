"""Apply the rules of Lambda's event-source mapping for SQS: make events of messages, choose what is deleted.

AWS Lambda Developer Guide, "Using Lambda with Amazon SQS" and "Handling errors for an SQS event source".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convoke_local.lambda_.runtime import LONGEST_PAYLOAD_BYTES

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef, MessageTypeDef

#: The bytes of the event around the records.
_FRAME_BYTES = 64


@dataclass(frozen=True, slots=True)
class EventSource:
    """The settings of the event-source mapping between the queue and the worker."""

    batch_size: int
    window_seconds: float
    maximum_concurrency: int
    reports_failures: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """The function returned; `result` is its JSON."""

    result: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The function raised, timed out, was throttled, or its process ended."""


def make_record(message: "MessageTypeDef", queue_arn: str) -> dict[str, Any]:
    """Make the record of a Lambda event from a received message."""
    record: dict[str, Any] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _make_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        # arn:aws:sqs:region:account:name
        "awsRegion": queue_arn.split(":")[3],
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def _make_attribute(value: "MessageAttributeValueOutputTypeDef") -> dict[str, Any]:
    attribute: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    return attribute


def make_events(records: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], str]]:
    """Make the Lambda events for the records, each with its message ids: one, unless that exceeds 6 MB."""
    events: list[tuple[list[str], str]] = []
    ids: list[str] = []
    texts: list[str] = []
    size = _FRAME_BYTES
    for record in records:
        text = json.dumps(record)
        if texts and size + len(text) > LONGEST_PAYLOAD_BYTES:
            events.append((ids, _join(texts)))
            ids, texts, size = [], [], _FRAME_BYTES
        ids.append(record["messageId"])
        texts.append(text)
        size += len(text) + 1
    return [*events, (ids, _join(texts))] if texts else events


def _join(records: Sequence[str]) -> str:
    return f'{{"Records":[{",".join(records)}]}}'


def choose_processed(
    message_ids: Sequence[str], outcome: Completed | Failed, *, reports_failures: bool
) -> list[str]:
    """Return the processed messages, which are deleted; the others come back after their visibility timeout.

    `reports_failures`: the mapping has ReportBatchItemFailures; without it the result is ignored. A batch is
    a complete success when the result, or its list of failures, is empty or null; a complete failure when an
    identifier is missing, empty, null or not of this batch.
    """
    if isinstance(outcome, Failed):
        return []
    if not reports_failures:
        return list(message_ids)
    result = json.loads(outcome.result)
    if result is None:
        return list(message_ids)
    if not isinstance(result, dict):
        return []
    failures = result.get("batchItemFailures")
    if failures is None:
        return list(message_ids)
    if not isinstance(failures, list):
        return []
    failed = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
    if any(identifier not in message_ids for identifier in failed):
        return []
    return [message_id for message_id in message_ids if message_id not in failed]
