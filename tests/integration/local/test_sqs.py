"""The local SQS server and its queues."""

import json
import socket
import sys
from pathlib import Path

import psutil
import pytest
from convoke_local.sqs.queues import create_queues, make_client
from convoke_local.sqs.server import run_sqs
from support.processes import run_python, wait_until

STARTER = """
import sys, time
from pathlib import Path
from convoke_local.sqs.server import run_sqs
with run_sqs(Path(sys.argv[1])) as endpoint_url:
    print(endpoint_url, flush=True)
    time.sleep(600)
"""


def test_messages_survive_a_stop_though_the_port_changes(aws_environment: None, tmp_path: Path) -> None:
    with run_sqs(tmp_path) as first:
        queues = create_queues(first, "kept", max_receive_count=5, visibility_seconds=30)
        make_client(first).send_message(QueueUrl=queues.url, MessageBody="still here")
        make_client(first).send_message(QueueUrl=queues.dead_letter_url, MessageBody="dead, and still here")

    with run_sqs(tmp_path) as second:
        assert second != first
        queues = create_queues(second, "kept", max_receive_count=5, visibility_seconds=30)
        client = make_client(second)
        assert client.receive_message(QueueUrl=queues.url)["Messages"][0]["Body"] == "still here"
        dead = client.receive_message(QueueUrl=queues.dead_letter_url)["Messages"]
        assert dead[0]["Body"] == "dead, and still here"


def test_it_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, endpoint_url):
        assert _is_open(endpoint_url)
        process.kill()
        wait_until(lambda: not _is_open(endpoint_url))


def _is_open(endpoint_url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(endpoint_url.rpartition(":")[2]))) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only root may list listening sockets")
def test_only_this_machine_reaches_it(sqs_endpoint: str) -> None:
    port = int(sqs_endpoint.rpartition(":")[2])

    sockets = psutil.net_connections("inet")

    assert {
        socket.laddr.ip for socket in sockets if socket.status == "LISTEN" and socket.laddr.port == port
    } == {"127.0.0.1"}


def test_queues_are_made_once_and_brought_to_the_new_numbers(
    sqs_endpoint: str, aws_environment: None
) -> None:
    first = create_queues(sqs_endpoint, "numbers", max_receive_count=5, visibility_seconds=30)
    client = make_client(sqs_endpoint)
    client.send_message(QueueUrl=first.url, MessageBody="kept")

    second = create_queues(sqs_endpoint, "numbers", max_receive_count=7, visibility_seconds=60)

    assert second == first
    attributes = client.get_queue_attributes(QueueUrl=first.url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "60"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 7
    assert attributes["ApproximateNumberOfMessages"] == "1"


def test_a_message_that_was_received_too_often_becomes_a_dead_letter(
    sqs_endpoint: str, aws_environment: None
) -> None:
    queues = create_queues(sqs_endpoint, "redrive", max_receive_count=2, visibility_seconds=30)
    client = make_client(sqs_endpoint)
    client.send_message(QueueUrl=queues.url, MessageBody="poison")

    for _ in range(2):
        assert client.receive_message(QueueUrl=queues.url, VisibilityTimeout=0)["Messages"]

    assert "Messages" not in client.receive_message(QueueUrl=queues.url)
    dead = client.receive_message(QueueUrl=queues.dead_letter_url)["Messages"]
    assert dead[0]["Body"] == "poison"


def test_a_client_of_a_server_that_is_no_aws_needs_no_credentials(
    sqs_endpoint: str, aws_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable)

    assert make_client(sqs_endpoint).list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
