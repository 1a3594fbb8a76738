"""Measures response time, and the time until all notifications are durable: one event at a time."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from time import process_time

from benchmarks.goals import QUEUE_MS
from benchmarks.load import percentile
from benchmarks.measures.subjects import (
    FLOOR,
    Subject,
    call_background_tasks,
    call_handlers,
    make_subject,
    run_fronts,
    run_peers,
)
from benchmarks.ours.applications import make_body
from benchmarks.peers.starting import PEERS
from benchmarks.results import Missing, Row
from benchmarks.world import World, run_delayed_queue

_FRONTS = ("uvicorn", "gateway")
_SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
_QUICK_SIZES = (10, 100)
_LARGEST_OF_PEERS = 10_000
_SIZE_OF_FLOOR = 10
_WARM_UP_EVENTS = 10
#: Events in a round, unless they take longer than this: then as many as fit, and at least one.
_EVENTS = {1: 20, 10: 40, 100: 20, 1_000: 8, 10_000: 3, 100_000: 1}
_BLOCK_SECONDS = 1.2
#: A system that takes longer is measured in the first round only, and not at all at the next size …
_LONG_SECONDS, _TOO_LONG_SECONDS = 1.0, 3.0
#: … unless a goal compares with it.
_COMPARED = ("BackgroundTasks", "BackgroundTasks: Mangum")
_QUICK_PEERS = ("BackgroundTasks", "Celery: chunks")
_PATIENCE_SECONDS = 120
#: Processor time is counted in hundredths of a second.
_CPU_EVENTS = 5


@dataclass(slots=True)
class _Figures:
    """The figures of one system and size: one value a round, in milliseconds."""

    responses: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    durable: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def takes_longer_than(self, seconds: float) -> bool:
        """Return whether the first round took longer."""
        return bool(self.durable) and self.durable[0] > seconds * 1000


@dataclass(slots=True)
class _Samples:
    """The samples of one round of one system and size."""

    cpu_before: float
    own_cpu_seconds: float = 0.0
    seconds: float = 0.0
    responses: list[float] = field(default_factory=list)
    durable: list[float] = field(default_factory=list)

    def summarize(self, subject: Subject, found: _Figures) -> None:
        """Add the round's figures to `found`."""
        found.responses.append(median(self.responses))
        found.slowest.append(percentile(self.responses, 0.99))
        if self.durable:
            found.durable.append(median(self.durable))
        if len(self.responses) >= _CPU_EVENTS:
            seconds = (
                self.own_cpu_seconds if subject.in_this_process else subject.cpu_seconds() - self.cpu_before
            )
            found.cpu.append(seconds / len(self.responses) * 1000)


def measure_response(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:
    """Measure response, durable and processor time by the number of participants.

    First the handlers, which take turns in this process without a worker: in a deployment it is on another
    processor too. Then all systems with a server, each with its worker.
    """
    sizes = [size for size in (_QUICK_SIZES if quick else _SIZES) if size < len(world.people)]
    rows: list[Row] = []
    # And at no distance, for the cost of the calls themselves.
    for queue_ms in (QUEUE_MS,) if quick else (QUEUE_MS, 0):
        with run_delayed_queue(queue_ms) as queue, call_handlers(world, queue) as handlers:
            rows += _measure(world, [handlers], sizes, rounds, queue_ms)
    world.remove_outbox_rows()
    with ExitStack() as resources:
        queue = resources.enter_context(run_delayed_queue(QUEUE_MS))
        fronts = resources.enter_context(run_fronts(world, queue, _FRONTS))
        systems, missing = resources.enter_context(run_peers(world, _QUICK_PEERS if quick else PEERS))
        subjects = [make_subject(system) for system in (*fronts, *systems)]
        subjects.append(resources.enter_context(call_background_tasks(world)))
        rows += _measure(world, [[subject] for subject in subjects], sizes, rounds, QUEUE_MS)
    return [*rows, *missing]


def _measure(
    world: World, groups: Sequence[Sequence[Subject]], sizes: Sequence[int], rounds: int, queue_ms: int
) -> list[Row]:
    subjects = [subject for group in groups for subject in group]
    figures = {(subject.name, size): _Figures() for size in sizes for subject in subjects}
    # The caller of some is the first of the people: never invited, so that all have as many recipients.
    bodies = {size: make_body(world.people[1 : size + 1]).encode() for size in sizes}
    for group in groups:
        warm_up = {subject.name: _Figures() for subject in group}
        _run_in_turn(group, bodies[sizes[0]], sizes[0], _WARM_UP_EVENTS, warm_up)
    world.analyze()
    for number in range(rounds):
        for size in sizes:
            for group in groups:
                due = [subject for subject in group if _is_due(subject, size, number, figures)]
                found = {subject.name: figures[subject.name, size] for subject in due}
                _run_in_turn(due, bodies[size], size, _EVENTS[size], found)
    return [
        row
        for (name, size), found in figures.items()
        for row in _make_rows(name, {"participants": size, "queue_ms": queue_ms}, found)
    ]


def _is_due(subject: Subject, size: int, number: int, figures: Mapping[tuple[str, int], _Figures]) -> bool:
    if subject.name == FLOOR:
        # It has no participants.
        return size == _SIZE_OF_FLOOR
    if not subject.name.startswith("convoke") and size > _LARGEST_OF_PEERS:
        return False
    if subject.name in _COMPARED or subject.name.startswith("convoke"):
        return True
    smaller = [found for (name, other), found in figures.items() if name == subject.name and other < size]
    if any(found.takes_longer_than(_TOO_LONG_SECONDS) for found in smaller):
        return False
    return number == 0 or not figures[subject.name, size].takes_longer_than(_LONG_SECONDS)


def _run_in_turn(
    subjects: Sequence[Subject], body: bytes, size: int, events: int, figures: Mapping[str, _Figures]
) -> None:
    """Let each create one event, then each the next one: other load on the machine affects all alike."""
    samples = {subject.name: _Samples(subject.cpu_seconds()) for subject in subjects}
    for subject in subjects:
        subject.clear()
    for _ in range(events):
        for subject in subjects:
            if samples[subject.name].seconds < _BLOCK_SECONDS:
                _create_one(subject, body, size, samples[subject.name])
    for subject in subjects:
        samples[subject.name].summarize(subject, figures[subject.name])


def _create_one(subject: Subject, body: bytes, size: int, samples: _Samples) -> None:
    subject.prepare()
    written_before = subject.count() if subject.notifies else 0
    cpu_before = process_time()
    began = time.perf_counter()
    subject.create(body)
    responded = time.perf_counter()
    samples.own_cpu_seconds += process_time() - cpu_before
    samples.responses.append((responded - began) * 1000)
    if subject.notifies:
        _wait_for(subject, written_before + size)
        samples.durable.append((time.perf_counter() - began) * 1000)
    samples.seconds += time.perf_counter() - began


def _wait_for(subject: Subject, notifications: int) -> None:
    began = time.perf_counter()
    while (there := subject.count()) < notifications:
        waited = time.perf_counter() - began
        if waited > _PATIENCE_SECONDS:
            raise TimeoutError(
                f"{subject.name}: {there} of {notifications} notifications after {waited:.0f} s"
            )
        # Counting takes processor time from the writers: it is done less often, the longer it takes.
        time.sleep(max(0.0005, waited / 50))


def _make_rows(name: str, parameters: dict[str, str | int], found: _Figures) -> list[Row]:
    measured: list[tuple[str, list[float]]] = [
        ("response", found.responses),
        ("response p99", found.slowest),
        ("durable", found.durable),
        ("cpu", found.cpu),
    ]
    return [Row(measure, name, "ms", values, parameters) for measure, values in measured if values]
