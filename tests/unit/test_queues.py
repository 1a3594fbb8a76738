"""A failure to send is reported by its kind, without its message."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from convoke.messages import DeliveryMessage
from convoke.observability import make_logger
from convoke.queues import BATCH_ENTRIES, SqsQueue, make_logging_queue

MESSAGES = [(DeliveryMessage(UUID(int=1), UUID(int=2), "event_invited", "correlation-1"), 0)] * BATCH_ENTRIES
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "SECRET"}}, "SendMessageBatch")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://secret.example.org")
TAKEN = {"Successful": [{"Id": str(index)} for index in range(BATCH_ENTRIES)]}
FAILED = [{"Id": "0", "Code": "InternalError", "Message": "SECRET"}, {"Id": "1", "Code": "Other"}]
TAKEN_IN_PART = {"Successful": TAKEN["Successful"][2:], "Failed": FAILED}


class FakeClient:
    def __init__(self, responses: Sequence[Any]) -> None:
        self._responses = iter(responses)

    def send_message_batch(self, **_parameters: Any) -> Any:
        response = next(self._responses)
        if isinstance(response, Exception):
            raise response
        return response


@pytest.mark.parametrize(
    ("responses", "taken", "kinds"),
    [
        ([TAKEN, TAKEN], 20, []),
        ([DENIED], 0, ["AccessDenied"]),
        ([UNREACHABLE], 0, ["EndpointConnectionError"]),
        ([TAKEN, OSError("SECRET")], 10, ["OSError"]),
        ([HTTPClientError(response=object(), error="SECRET")], 0, ["HTTPClientError"]),
        ([TAKEN_IN_PART, TAKEN], 18, ["InternalError"]),
    ],
)
def test_a_failure_is_reported_by_its_kind(responses: Sequence[Any], taken: int, kinds: list[str]) -> None:
    reported: list[str] = []
    queue = SqsQueue("https://queue.example.org", reported.append)
    queue.__dict__["_client"] = FakeClient(responses)

    assert queue.send(MESSAGES * 2) == taken
    assert reported == kinds


def test_the_kind_of_a_failure_reaches_the_log_without_the_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    queue = make_logging_queue("https://queue.example.org", make_logger("queue-failures"))
    queue.__dict__["_client"] = FakeClient([DENIED])

    assert queue.send(MESSAGES) == 0
    output = capsys.readouterr().out
    assert [(line["level"], line["error"]) for line in map(json.loads, output.splitlines())] == [
        ("WARNING", "AccessDenied")
    ]
    assert "SECRET" not in output
