"""Environment variables for boto3, as Lambda sets them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from convoke_local.sqs.queues import STAND_IN_CREDENTIALS


def aws_variables(endpoint_url: str) -> dict[str, str]:
    """Return the variables that lead boto3 to this endpoint."""
    return {**STAND_IN_CREDENTIALS, "AWS_ENDPOINT_URL_SQS": endpoint_url}


@contextmanager
def point_at(endpoint_url: str) -> Iterator[None]:
    """Make SQS clients of this process for this endpoint within the block."""
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
