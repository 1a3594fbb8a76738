"""The event-source mapping between a real SQS server and a function in processes of its own."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from convoke_local.lambda_.event_source_mapping import EventSourceMapping
from convoke_local.lambda_.event_source_rules import EventSource
from convoke_local.lambda_.functions import Function
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.sqs.queues import Queues, create_queues, make_client
from support.processes import wait_until

HERE = Path(__file__).parent
SOURCE = EventSource(batch_size=10, window_seconds=0, maximum_concurrency=2, reports_failures=True)


class Bench:
    """A queue, a mapping, and the records of the function."""

    def __init__(self, client: Any, queues: Queues, bodies: Path, mapping: EventSourceMapping) -> None:
        self._client = client
        self._queues = queues
        self._bodies = bodies
        self.mapping = mapping

    def send(self, *bodies: str) -> None:
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[start : start + 10])
            ]
            assert not self._client.send_message_batch(QueueUrl=self._queues.url, Entries=entries).get(
                "Failed"
            )

    def delete_queue(self) -> None:
        self._client.delete_queue(QueueUrl=self._queues.url)

    def can_send(self) -> bool:
        try:
            self._client.send_message(QueueUrl=self._queues.url, MessageBody="back again")
        except self._client.exceptions.QueueDoesNotExist:
            return False
        return True

    def received(self) -> list[str]:
        """Return each body with its receive count, in order."""
        return self._bodies.read_text("utf-8").splitlines() if self._bodies.exists() else []

    def count(self, url: str) -> int:
        attributes = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(
            attributes["ApproximateNumberOfMessagesNotVisible"]
        )

    def is_drained(self) -> bool:
        return self.count(self._queues.url) == 0

    def dead_letters(self) -> int:
        return self.count(self._queues.dead_letter_url)

    def receive_count(self) -> int:
        """Return the receive count of the next message, this receive included; 0 when none comes."""
        response = self._client.receive_message(
            QueueUrl=self._queues.url,
            WaitTimeSeconds=5,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return sum(
            int(message["Attributes"]["ApproximateReceiveCount"]) for message in response.get("Messages", [])
        )


@pytest.fixture
def start(sqs_endpoint: str, aws_environment: None, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Start a mapping on a new queue; visibility 1 s and three receives, so that tests need not wait.

    `sent`: messages that are there before it starts.
    """
    closing: list[Callable[[], None]] = []

    def make(
        source: EventSource = SOURCE,
        *,
        handler: str = "record_bodies",
        timeout_seconds: float = 20,
        visibility_seconds: int = 1,
        sent: Sequence[str] = (),
    ) -> Bench:
        make_queues = partial(
            create_queues,
            sqs_endpoint,
            f"mapping-{tmp_path.name}",
            max_receive_count=3,
            visibility_seconds=visibility_seconds,
        )
        queues = make_queues()
        bodies = tmp_path / "bodies"
        function = Function(
            "recorder",
            f"handlers.{handler}",
            timeout_seconds,
            variables={"PYTHONPATH": str(HERE), "BODIES_FILE": str(bodies)},
        )
        pool = EnvironmentPool(function, limit=source.maximum_concurrency, log=tmp_path / "log")
        client = make_client(sqs_endpoint)
        mapping = EventSourceMapping(
            client,
            queues,
            source,
            partial(pool.invoke, wait_seconds=20),
            make_queues=make_queues,
            poll_seconds=1,
        )
        bench = Bench(client, queues, bodies, mapping)
        for body in sent:
            bench.send(body)
        mapping.start()
        closing.extend([pool.close, partial(mapping.stop, 10)])
        return bench

    yield make
    for close in reversed(closing):
        close()


def test_messages_are_processed_once_and_deleted(start: Callable[..., Bench]) -> None:
    bench = start()
    bodies = [f"m{number}" for number in range(95)]

    bench.send(*bodies)

    wait_until(bench.is_drained)
    assert sorted(bench.received()) == sorted(f"{body} 1" for body in bodies)
    assert bench.dead_letters() == 0


def test_only_the_failed_message_comes_back_and_ends_in_the_dead_letter_queue(
    start: Callable[..., Bench],
) -> None:
    bench = start()

    bench.send("good", "bad", "fine")

    wait_until(lambda: bench.dead_letters() == 1)
    assert Counter(bench.received()) == Counter(["good 1", "bad 1", "fine 1", "bad 2", "bad 3"])
    assert bench.is_drained()


def test_a_crash_brings_the_whole_batch_back(start: Callable[..., Bench]) -> None:
    bench = start()

    bench.send("neighbour", "crash")

    wait_until(lambda: bench.dead_letters() == 2)
    assert bench.received() == ["neighbour 1", "crash 1", "neighbour 2", "crash 2", "neighbour 3", "crash 3"]


def test_a_function_that_hangs_is_killed_and_the_message_comes_back(start: Callable[..., Bench]) -> None:
    bench = start(timeout_seconds=1)

    bench.send("hang")

    wait_until(lambda: bench.dead_letters() == 1)
    assert bench.received() == ["hang 1", "hang 2", "hang 3"]


def test_without_report_batch_item_failures_a_reported_failure_is_lost(start: Callable[..., Bench]) -> None:
    bench = start(EventSource(10, 0, 2, reports_failures=False))

    bench.send("bad")

    wait_until(lambda: bench.received() == ["bad 1"] and bench.is_drained())
    assert bench.dead_letters() == 0


def test_a_mapping_that_is_stopped_uses_up_one_receive_of_a_message_at_most(
    start: Callable[..., Bench],
) -> None:
    bench = start(replace(SOURCE, maximum_concurrency=5))
    bench.send("first")
    wait_until(bench.is_drained)  # all of its polls are under way
    stopping = Thread(target=bench.mapping.stop, args=(10,))

    stopping.start()
    bench.send("last")
    stopping.join()

    assert bench.received() == ["first 1"]
    assert bench.receive_count() <= 2
    assert bench.dead_letters() == 0


def test_a_queue_that_is_gone_is_made_again(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.delete_queue()

    wait_until(bench.can_send)

    wait_until(lambda: bench.received() == ["back again 1"])


# One poller: two would share the messages at random.
_NUMBERS = [f"m{number}" for number in range(25)]


def test_a_window_gathers_more_than_one_receive_can_bring(start: Callable[..., Bench]) -> None:
    source = EventSource(25, window_seconds=2, maximum_concurrency=1, reports_failures=True)
    bench = start(source, handler="record_batches", visibility_seconds=60, sent=_NUMBERS[:12])

    wait_until(lambda: bench.received() == ["12"] and bench.is_drained())


def test_a_full_batch_does_not_wait_for_the_window(start: Callable[..., Bench]) -> None:
    source = EventSource(25, window_seconds=300, maximum_concurrency=1, reports_failures=True)
    bench = start(source, handler="record_batches", visibility_seconds=600, sent=_NUMBERS)

    wait_until(lambda: bench.received() == ["25"] and bench.is_drained())


def test_a_batch_over_six_megabytes_is_two_invocations_and_all_is_deleted(
    start: Callable[..., Bench],
) -> None:
    source = EventSource(10, window_seconds=0, maximum_concurrency=1, reports_failures=True)
    # Six of them are 5.9 MB as JSON.
    bench = start(source, handler="record_batches", visibility_seconds=60, sent=["x" * 1_000_000] * 10)

    wait_until(lambda: bench.received() == ["6", "4"] and bench.is_drained())
    assert bench.dead_letters() == 0
