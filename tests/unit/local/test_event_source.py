"""The rules of the event-source mapping, in the cases of AWS's documentation."""

import json
from typing import Any

import pytest
from convoke_local.lambda_.event_source_rules import (
    Completed,
    Failed,
    choose_processed,
    make_events,
    make_record,
)

ARN = "arn:aws:sqs:eu-central-1:123456789012:queue"


def completed(value: object) -> Completed:
    return Completed(json.dumps(value))


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="an empty result"),
        pytest.param({"batchItemFailures": []}, id="an empty list"),
        pytest.param({"batchItemFailures": None}, id="a null list"),
    ],
)
def test_a_result_without_failures_means_that_all_was_processed(result: object) -> None:
    assert choose_processed(["a", "b"], completed(result), reports_failures=True) == ["a", "b"]


def test_only_what_was_reported_comes_back() -> None:
    result = completed({"batchItemFailures": [{"itemIdentifier": "b"}]})

    assert choose_processed(["a", "b", "c"], result, reports_failures=True) == ["a", "c"]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param({"itemIdentifier": ""}, id="empty"),
        pytest.param({"itemIdentifier": None}, id="null"),
        pytest.param({"itemIdentifier": "another"}, id="unknown"),
        pytest.param({"itemId": "a"}, id="bad key"),
        pytest.param("a", id="no object"),
    ],
)
def test_a_failure_that_names_no_message_of_the_batch_means_that_all_failed(failure: object) -> None:
    result = completed({"batchItemFailures": [{"itemIdentifier": "a"}, failure]})

    assert choose_processed(["a", "b"], result, reports_failures=True) == []


@pytest.mark.parametrize("result", ["done", ["a"], 7, True, {"batchItemFailures": "a"}])
def test_a_result_of_another_form_means_that_all_failed(result: object) -> None:
    assert choose_processed(["a"], completed(result), reports_failures=True) == []


@pytest.mark.parametrize("reports_failures", [True, False])
def test_an_exception_means_that_all_failed(reports_failures: bool) -> None:
    assert choose_processed(["a", "b"], Failed(), reports_failures=reports_failures) == []


def test_without_report_batch_item_failures_the_result_is_ignored() -> None:
    result = completed({"batchItemFailures": [{"itemIdentifier": "a"}]})

    assert choose_processed(["a", "b"], result, reports_failures=False) == ["a", "b"]


def test_a_record_has_the_fields_that_lambda_gives_it() -> None:
    message: Any = {
        "MessageId": "id",
        "ReceiptHandle": "handle",
        "Body": "text",
        "MD5OfBody": "1cb251ec0d568de6a929b520c4aed8d1",
        "Attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1523232000000"},
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "x"}},
        "MD5OfMessageAttributes": "00484c68",
    }

    assert make_record(message, ARN) == {
        "messageId": "id",
        "receiptHandle": "handle",
        "body": "text",
        "attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1523232000000"},
        "messageAttributes": {
            "kind": {
                "stringValue": "x",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "md5OfBody": "1cb251ec0d568de6a929b520c4aed8d1",
        "md5OfMessageAttributes": "00484c68",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "eu-central-1",
    }


def test_a_batch_is_one_event() -> None:
    records = [{"messageId": "a", "body": "1"}, {"messageId": "b", "body": "2"}]

    [(ids, event)] = make_events(records)

    assert ids == ["a", "b"]
    assert json.loads(event) == {"Records": records}


def test_a_batch_over_six_megabytes_becomes_several_events_in_order() -> None:
    records = [{"messageId": str(number), "body": "x" * 1_048_576} for number in range(10)]

    events = make_events(records)

    assert [ids for ids, _ in events] == [["0", "1", "2", "3", "4"], ["5", "6", "7", "8", "9"]]
    assert all(len(event) <= 6_291_556 for _, event in events)
    assert [json.loads(event)["Records"] for _, event in events] == [records[:5], records[5:]]


def test_no_messages_are_no_event() -> None:
    assert make_events([]) == []
