"""The runtime of an execution environment: the arguments of a handler, and its result."""

import json
import time
from typing import Any

import pytest
from convoke_local.lambda_.runtime import (
    ERROR,
    LONGEST_PAYLOAD_BYTES,
    RESULT,
    LambdaContext,
    handle_invocation,
)


@pytest.fixture(autouse=True)
def lambda_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_REGION": "eu-central-1",
        "AWS_LAMBDA_FUNCTION_NAME": "worker",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/worker",
        "AWS_LAMBDA_LOG_STREAM_NAME": "worker.log",
    }.items():
        monkeypatch.setenv(name, value)


def call(handler: Any, event: object = None, *, seconds: float = 10) -> tuple[bytes, Any]:
    header = json.dumps({"request_id": "request", "deadline": time.time() + seconds}).encode()
    outcome, payload = handle_invocation(handler, header, json.dumps(event).encode())
    return outcome, json.loads(payload)


def test_the_handler_gets_the_event_and_its_result_comes_back() -> None:
    assert call(lambda event, _context: {"got": event}, {"ж": [1, None]}) == (
        RESULT,
        {"got": {"ж": [1, None]}},
    )


def test_the_context_has_what_powertools_reads() -> None:
    def describe(_event: object, context: LambdaContext) -> list[str]:
        return [
            context.function_name,
            context.memory_limit_in_mb,
            context.invoked_function_arn,
            context.aws_request_id,
        ]

    assert call(describe) == (
        RESULT,
        ["worker", "512", "arn:aws:lambda:eu-central-1:000000000000:function:worker", "request"],
    )


def test_the_remaining_time_runs_down_and_ends_at_zero() -> None:
    def read(_event: object, context: LambdaContext) -> int:
        return context.get_remaining_time_in_millis()

    assert 9_000 < call(read)[1] <= 10_000
    assert call(read, seconds=-1)[1] == 0


def test_an_exception_is_reported_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_event: object, _context: object) -> None:
        raise KeyError("boom")

    outcome, error = call(fail)

    assert outcome == ERROR
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'boom'")
    assert "in fail" in error["stackTrace"][-1]
    assert "KeyError" in capsys.readouterr().err


@pytest.mark.parametrize("result", [{1, 2}, object(), float("nan"), {"x": b"bytes"}])
def test_what_is_no_json_does_not_slip_through(result: object) -> None:
    outcome, error = call(lambda _event, _context: result)

    assert (outcome, error["errorType"]) == (ERROR, "Runtime.MarshalError")


def test_a_result_may_have_six_megabytes() -> None:
    fits = "x" * (LONGEST_PAYLOAD_BYTES - 2)

    assert call(lambda _event, _context: fits)[0] == RESULT
    outcome, error = call(lambda _event, _context: fits + "x")
    assert (outcome, error["errorType"]) == (ERROR, "Function.ResponseSizeTooLarge")
