"""The payloads in events/ have the shapes that AWS publishes, as the SAM CLI knows them."""

import json
import subprocess
from typing import Any

import pytest
from contract.template.expansion import ROOT
from contract.test_events import read_event

#: AWS leaves these out when a request or route has none.
OPTIONAL = {"cookies", "queryStringParameters", "pathParameters", "stageVariables", "authentication"}
#: Their keys are the caller's or the issuer's, not AWS's.
FREE = {"headers", "claims"}


def sample(*names: str) -> Any:
    """The event that the SAM CLI generates from AWS's published shape."""
    run = subprocess.run(
        ["infra/tools/sam.sh", "local", "generate-event", *names],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return json.loads(run.stdout)


def shape(node: Any) -> Any:
    """An event with the types in place of the values, less what may be absent or is free."""
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if key not in OPTIONAL}
        return {key: "free" if key in FREE else shape(value) for key, value in kept.items()}
    if isinstance(node, list):
        return [shape(node[0])] if node else []
    return type(node).__name__


@pytest.mark.parametrize(
    ("event", "published"),
    [("api", ("apigateway", "http-api-proxy")), ("notify_worker", ("sqs", "receive-message"))],
)
def test_the_event_has_the_shape_that_aws_publishes(event: str, published: tuple[str, ...]) -> None:
    assert shape(read_event(event)) == shape(sample(*published))


def test_the_relay_s_event_has_the_shape_of_the_scheduler() -> None:
    expected = shape(sample("cloudwatch", "scheduled-event"))

    # EventBridge Scheduler, unlike a rule, names a version and sends `detail` as text.
    assert shape(read_event("outbox_relay")) == expected | {"version": "str", "detail": "str"}
    assert read_event("outbox_relay")["source"] == "aws.scheduler"
