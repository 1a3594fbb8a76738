"""What boto3 is told by the environment, as Lambda tells it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from convoke_local.sqs.queues import STAND_IN_CREDENTIALS


def aws_variables(endpoint_url: str) -> dict[str, str]:
    """The variables by which boto3 finds a queue there."""
    return {**STAND_IN_CREDENTIALS, "AWS_ENDPOINT_URL_SQS": endpoint_url}


@contextmanager
def point_at(endpoint_url: str) -> Iterator[None]:
    """For the length of the block, SQS clients of this process are made for this endpoint."""
    variables = aws_variables(endpoint_url)
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
