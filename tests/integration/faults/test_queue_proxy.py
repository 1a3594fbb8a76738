"""The proxy before the queue does to a client what it says, and the product's client lives with it."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from chaos.faults import Faults
from chaos.queue_proxy import QueueProxy
from convoke.messages import DeliveryMessage
from convoke.queues import SqsQueue
from convoke_local.sqs.queues import Queues, create_queues, make_client

type Messages = list[tuple[DeliveryMessage, int]]


class Bench:
    """The product's client behind the proxy, and a look past it."""

    def __init__(self, proxy: QueueProxy, queues: Queues, direct_url: str) -> None:
        self.proxy = proxy
        self.force = proxy.faults.force
        self.queue = SqsQueue(queues.url)
        self._queues = queues
        self._direct = make_client(direct_url)

    def count(self) -> int:
        """How many messages the queue itself holds."""
        attributes = self._direct.get_queue_attributes(
            QueueUrl=self._queues.url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])


@pytest.fixture
def bench(sqs_endpoint: str, aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    proxy = QueueProxy(sqs_endpoint, Faults({}, seed=1), seed=1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", proxy.url)
    queues = create_queues(proxy.url, f"faults-{uuid4().hex}", max_receive_count=5, visibility_seconds=30)
    yield Bench(proxy, queues, sqs_endpoint)
    proxy.close()


def make_messages(count: int = 4) -> Messages:
    return [(DeliveryMessage(uuid4(), uuid4(), "event_invited"), 0) for _ in range(count)]


def test_without_a_fault_all_is_taken(bench: Bench) -> None:
    assert bench.queue.send(make_messages()) == 4
    assert bench.count() == 4
    assert len(bench.proxy.accepted) == 4


@pytest.mark.parametrize("fault", ["queue.refuse", "queue.throttle", "queue.black_hole"])
def test_what_never_arrived_is_not_taken_for_sent(bench: Bench, fault: str) -> None:
    bench.force(fault)

    assert bench.queue.send(make_messages()) == 0
    assert bench.count() == 0
    assert bench.queue.send(make_messages()) == 4


def test_a_lost_response_leaves_the_messages_in_the_queue_and_the_sender_in_doubt(bench: Bench) -> None:
    bench.force("queue.drop_reply")

    assert bench.queue.send(make_messages()) == 0
    assert bench.count() == 4


def test_only_the_entries_that_did_not_fail_are_taken(bench: Bench) -> None:
    bench.force("queue.fail_entries")

    taken = bench.queue.send(make_messages())

    assert taken == bench.count() == len(bench.proxy.accepted) < 4


def test_a_duplicate_is_there_twice(bench: Bench) -> None:
    bench.force("queue.duplicate")

    assert bench.queue.send(make_messages()) == 4
    assert bench.count() == 8


def test_each_fault_is_counted(bench: Bench) -> None:
    bench.force("queue.throttle", times=2)
    for _ in range(3):
        bench.queue.send(make_messages(1))

    assert bench.proxy.faults.counts() == {"queue.throttle": 2}


def test_the_same_seed_draws_the_same_faults() -> None:
    rates = {"queue.refuse": 0.2, "queue.delay": 0.3}

    def draw(seed: int) -> list[str | None]:
        faults = Faults(rates, seed)
        faults.arm()
        return [faults.draw("place", *rates) for _ in range(50)]

    assert draw(1) == draw(1) != draw(2)
    assert {"queue.refuse", "queue.delay", None} == set(draw(1))
