"""The event-source mapping when the queue fails it: nothing is lost, and what comes again is counted by SQS.

The rules for responses are in tests/unit/local/test_event_source.py, kills and timeouts in
tests/integration/local/test_mapping.py.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chaos.faults import Faults
from chaos.queue_proxy import QueueProxy
from convoke_local.lambda_.event_source_mapping import EventSourceMapping
from convoke_local.lambda_.event_source_rules import EventSource
from convoke_local.lambda_.functions import Function
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.sqs.queues import Queues, create_queues, make_client
from support.processes import wait_until

_HANDLERS = Path(__file__).parents[1] / "local"
_SOURCE = EventSource(batch_size=10, window_seconds=0, maximum_concurrency=2, reports_failures=True)


class Bench:
    """A queue behind the proxy, a mapping, and what the function wrote down."""

    def __init__(self, proxy: QueueProxy, queues: Queues, direct: Any, bodies: Path) -> None:
        self.force = proxy.faults.force
        self.proxy = proxy
        self._queues = queues
        self._direct = direct
        self._bodies = bodies

    def send(self, *bodies: str) -> None:
        """Past the proxy."""
        entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
        self._direct.send_message_batch(QueueUrl=self._queues.url, Entries=entries)

    def received(self) -> Counter[str]:
        """Each body with its receive count."""
        return Counter(self._bodies.read_text("utf-8").splitlines() if self._bodies.exists() else ())

    def is_drained(self) -> bool:
        attributes = self._direct.get_queue_attributes(
            QueueUrl=self._queues.url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return all(int(number) == 0 for number in attributes.values())


@pytest.fixture
def start(sqs_endpoint: str, aws_environment: None, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Starts a mapping behind the proxy; visibility 1 s, five receives."""
    closing: list[Callable[[], None]] = []

    def make(source: EventSource = _SOURCE) -> Bench:
        proxy = QueueProxy(sqs_endpoint, Faults({}, seed=1), seed=1)
        queues = create_queues(proxy.url, f"mapping-{uuid4().hex}", max_receive_count=5, visibility_seconds=1)
        bodies = tmp_path / "bodies"
        variables = {"PYTHONPATH": str(_HANDLERS), "BODIES_FILE": str(bodies)}
        function = Function("recorder", "handlers.record_bodies", 20, variables=variables)
        pool = EnvironmentPool(function, limit=2, log=tmp_path / "log")
        mapping = EventSourceMapping(
            make_client(proxy.url),
            queues,
            source,
            partial(pool.invoke, wait_seconds=20),
            make_queues=lambda: None,
            poll_seconds=1,
        )
        mapping.start()
        closing.extend([proxy.close, pool.close, partial(mapping.stop, 10)])
        return Bench(proxy, queues, make_client(sqs_endpoint), bodies)

    yield make
    for close in reversed(closing):
        close()


def test_a_message_that_was_not_deleted_comes_again_and_the_failed_list_is_read(
    start: Callable[..., Bench],
) -> None:
    bench = start()
    bench.force("queue.fail_entries")

    bench.send("kept")

    wait_until(lambda: bench.received() == Counter(["kept 1", "kept 2"]) and bench.is_drained())
    assert bench.proxy.faults.counts()["queue.fail_entries"] == 1


def test_messages_whose_receipt_was_lost_come_after_their_visibility(start: Callable[..., Bench]) -> None:
    bench = start()
    # Both pollers' next responses are lost, whichever has the messages.
    bench.force("queue.drop_reply", times=2)

    bench.send("lost", "found")

    wait_until(bench.is_drained)
    assert sorted(body.partition(" ")[0] for body in bench.received()) == ["found", "lost"]


@pytest.mark.parametrize("fault", ["queue.refuse", "queue.throttle"])
def test_pollers_outlive_a_queue_in_trouble(start: Callable[..., Bench], fault: str) -> None:
    bench = start()
    bench.force(fault, times=6)
    wait_until(lambda: bench.proxy.faults.counts().get(fault) == 6)

    bench.send("after all")

    wait_until(lambda: bench.received() == Counter(["after all 1"]) and bench.is_drained())
