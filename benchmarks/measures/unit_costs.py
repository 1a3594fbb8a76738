"""Measures the unit costs of one event and one worker batch, the input of the growth model."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from convoke.database.engine import make_engine
from convoke.messages import DeliveryMessage, decode_message
from convoke_local.sqs.queues import make_client
from sqlalchemy import Engine

from benchmarks.database_load import watch_database
from benchmarks.goals import QUEUE_MS
from benchmarks.measures.deliveries import WorkerCaller
from benchmarks.ours.applications import MangumCaller, make_body
from benchmarks.ours.functions import find_queues
from benchmarks.queue_environment import point_at
from benchmarks.results import Missing, Row
from benchmarks.world import World, run_delayed_queue

FULL_BATCH = 10
#: Events of a round by the number of participants: half of them delivered in full batches, half one by one.
_EVENTS = {10: 200, 1_000: 40}
_QUICK_EVENTS = {10: 100, 1_000: 20}


@dataclass(frozen=True, slots=True)
class _Cost:
    """The mean cost of one call: milliseconds of the clock, of this process and of the database; bytes."""

    elapsed_ms: float
    cpu_ms: float
    database_cpu_ms: float
    wal_bytes: float
    stored_bytes: float

    def by_name(self) -> Mapping[str, tuple[str, float]]:
        """Return unit and value of each part, by its name in the row."""
        return {
            "elapsed": ("ms", self.elapsed_ms),
            "processor": ("ms", self.cpu_ms),
            "database processor": ("ms", self.database_cpu_ms),
            "log of the database": ("bytes", self.wal_bytes),
            "growth of the database": ("bytes", self.stored_bytes),
        }


def measure_unit_costs(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:
    """Measure means, not medians: a model adds them up."""
    costs: dict[tuple[str, int, int], list[_Cost]] = {}
    with run_delayed_queue(QUEUE_MS) as endpoint, point_at(endpoint), world.open_engine() as watcher:
        bench = _Bench(world, endpoint, watcher)
        try:
            for number in range(rounds + 1):
                for participants, events in (_QUICK_EVENTS if quick else _EVENTS).items():
                    for key, cost in bench.measure(participants, events):
                        # The first round warms up.
                        if number > 0:
                            costs.setdefault(key, []).append(cost)
        finally:
            bench.close()
    return list(_make_rows(costs))


class _Bench:
    """The API and the worker in this process, one after the other."""

    def __init__(self, world: World, endpoint: str, watcher: Engine) -> None:
        self._people = world.people
        self._watcher = watcher
        self._queue_url = find_queues(endpoint).url
        self._client = make_client(endpoint)
        self._api = MangumCaller(world.database_url, self._queue_url)
        self._engine = make_engine(
            world.database_url, timeout_seconds=60, application_name="benchmarks-worker"
        )
        self._worker = WorkerCaller(self._engine)

    def measure(self, participants: int, events: int) -> Iterator[tuple[tuple[str, int, int], _Cost]]:
        """Yield costs by system, participants and messages of a batch (0 for the API, which has none)."""
        body = make_body([*self._people[:participants]])
        yield (
            ("convoke: API", participants, 0),
            self._take([lambda: self._api.create(body)] * events),
        )
        messages = self._receive(events)
        half = events // 2
        full = [messages[start : start + FULL_BATCH] for start in range(0, half, FULL_BATCH)]
        single = [[message] for message in messages[half:]]
        for batches, size in ((full, FULL_BATCH), (single, 1)):
            yield ("convoke: worker", participants, size), self._take([self._deliver(it) for it in batches])

    def close(self) -> None:
        """Close the worker's connection."""
        self._engine.dispose()

    def _deliver(self, messages: Sequence[DeliveryMessage]) -> Callable[[], None]:
        return lambda: self._worker.deliver(messages)

    def _take(self, calls: Sequence[Callable[[], None]]) -> _Cost:
        with watch_database(self._watcher) as load:
            began, cpu_began = time.perf_counter(), time.process_time()
            for call in calls:
                call()
            elapsed, cpu = time.perf_counter() - began, time.process_time() - cpu_began
        number = len(calls)
        return _Cost(
            elapsed * 1000 / number,
            cpu * 1000 / number,
            load.cpu_seconds * 1000 / number,
            load.wal_bytes / number,
            load.stored_bytes / number,
        )

    def _receive(self, number: int) -> list[DeliveryMessage]:
        messages: list[DeliveryMessage] = []
        while len(messages) < number:
            response = self._client.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=5
            )
            received = response.get("Messages", [])
            if not received:
                raise RuntimeError(f"of {number} messages, {number - len(messages)} did not come")
            messages += [decode_message(message["Body"]) for message in received]
        return messages


def _make_rows(costs: Mapping[tuple[str, int, int], Sequence[_Cost]]) -> Iterator[Row]:
    for (system, participants, batch), rounds in costs.items():
        for name, (unit, _) in rounds[0].by_name().items():
            parameters: dict[str, str | int] = {"participants": participants}
            if batch:
                parameters["batch"] = batch
            values = [cost.by_name()[name][1] for cost in rounds]
            yield Row("unit cost", system, unit, values, {**parameters, "of": name})
