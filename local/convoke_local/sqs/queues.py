"""Create the notification queue and its dead-letter queue on any SQS server."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: For a server that checks no credentials; the SDK requires some all the same.
STAND_IN_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}

#: A message keeps its age when it moves to the dead-letter queue, so the retention there must be longer.
_RETENTION_SECONDS = 4 * 86400
_DEAD_LETTER_RETENTION_SECONDS = 14 * 86400


@dataclass(frozen=True, slots=True)
class Queues:
    """The addresses of a queue and of its dead-letter queue."""

    url: str
    arn: str
    dead_letter_url: str


def make_client(endpoint_url: str | None, environment: Mapping[str, str] = os.environ) -> "SQSClient":
    """Make an SQS client; None for the endpoint means AWS itself.

    Region and credentials come from the AWS_* variables of `environment`, else from where boto3 finds
    them; a server other than AWS gets stand-ins when there are none.
    """
    # Loaded here: it takes a third of a second, which `convoke token` does not need.
    import boto3
    from botocore.config import Config

    variables = environment
    if endpoint_url is not None and "AWS_ACCESS_KEY_ID" not in environment:
        variables = {**environment, **STAND_IN_CREDENTIALS}
    return boto3.client(
        "sqs",
        endpoint_url=endpoint_url,
        region_name=variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION"),
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
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
    """Create the queue `name` and its dead-letter queue, or set these limits on those that exist."""
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
    response = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return response["Attributes"]["QueueArn"]


def _create(client: "SQSClient", name: str, attributes: dict[str, str]) -> str:
    # CreateQueue with attributes other than those of an existing queue is an error, so they are set after it.
    url = client.create_queue(QueueName=name)["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes=attributes)  # type: ignore[arg-type] # plain names
    return url
