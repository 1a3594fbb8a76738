"""The notification queue and its dead-letter queue on any SQS, with the numbers of the template."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: For a server that asks for no credentials; the SDK wants some all the same.
STAND_IN_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}

#: A message keeps its age when it moves to the dead-letter queue, so that one must keep it longer.
_RETENTION_SECONDS = 4 * 86400
_DEAD_LETTER_RETENTION_SECONDS = 14 * 86400


@dataclass(frozen=True, slots=True)
class Queues:
    """A queue, and where its messages go after too many receives."""

    url: str
    arn: str
    dead_letter_url: str


def make_client(endpoint_url: str | None, environment: Mapping[str, str] = os.environ) -> "SQSClient":
    """An SQS client; None for the endpoint means AWS itself.

    Region and credentials come from the AWS_* variables of `environment`, else from where boto3 finds
    them; a server that is no AWS gets stand-ins when there are none.
    """
    # Loaded here: a third of a second that `convoke token` need not pay.
    import boto3
    from botocore.config import Config

    known = environment
    if endpoint_url is not None and "AWS_ACCESS_KEY_ID" not in environment:
        known = {**environment, **STAND_IN_CREDENTIALS}
    return boto3.client(
        "sqs",
        endpoint_url=endpoint_url,
        region_name=known.get("AWS_REGION") or known.get("AWS_DEFAULT_REGION"),
        aws_access_key_id=known.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=known.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=known.get("AWS_SESSION_TOKEN"),
        # A long poll takes 20 s.
        config=Config(connect_timeout=2, read_timeout=25, retries={"total_max_attempts": 2}),
    )


def create_queues(
    endpoint_url: str | None,
    name: str,
    *,
    max_receive_count: int,
    visibility_seconds: int,
    environment: Mapping[str, str] = os.environ,
) -> Queues:
    """Make the queue `name` and its dead-letter queue, or bring those that exist to these numbers."""
    client = make_client(endpoint_url, environment)
    dead_letter_url = _create(
        client, f"{name}-dead-letters", {"MessageRetentionPeriod": str(_DEAD_LETTER_RETENTION_SECONDS)}
    )
    redrive = {
        "deadLetterTargetArn": _find_arn(client, dead_letter_url),
        "maxReceiveCount": max_receive_count,
    }
    url = _create(
        client,
        name,
        {
            "MessageRetentionPeriod": str(_RETENTION_SECONDS),
            "VisibilityTimeout": str(visibility_seconds),
            "RedrivePolicy": json.dumps(redrive),
        },
    )
    return Queues(url, _find_arn(client, url), dead_letter_url)


def _find_arn(client: "SQSClient", url: str) -> str:
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


def _create(client: "SQSClient", name: str, attributes: dict[str, str]) -> str:
    # CreateQueue with other attributes than those of the queue that exists is an error, so they come after.
    url = client.create_queue(QueueName=name)["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes=attributes)  # type: ignore[arg-type] # plain names
    return url
