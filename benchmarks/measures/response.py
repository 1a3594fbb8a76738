"""How long a caller waits, and how long it takes until all can read of it: one meeting at a time."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import ceil
from statistics import median

from benchmarks.measures.subjects import (
    Subject,
    call_background_tasks,
    call_handlers,
    make_subject,
    run_fronts,
    run_peers,
)
from benchmarks.ours.applications import make_body
from benchmarks.results import Missing, Row
from benchmarks.world import World, run_delayed_queue

#: As far away as SQS; and none, to see what the calls themselves cost.
QUEUE_MS = 5
_SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
_QUICK_SIZES = (10, 1_000)
_LARGEST_OF_PEERS = 10_000
_SIZE_OF_FLOOR = 10
_WARM_UP_MEETINGS = 3
#: So many meetings in a round, unless that takes longer than this: then as many as fit, and one at the least.
_MEETINGS = {1: 20, 10: 40, 100: 20, 1_000: 8, 10_000: 3, 100_000: 1}
_BLOCK_SECONDS = 1.2
#: What takes longer is measured in the first round only, and not at all at the next size.
_LONG_SECONDS = 5.0
#: Measured in every round all the same: a goal compares with it.
_EVERY_ROUND = ("BackgroundTasks", "BackgroundTasks: Mangum")
_PATIENCE_SECONDS = 120
#: Processor time is counted in hundredths of a second.
_CPU_MEETINGS = 5


@dataclass(slots=True)
class _Figures:
    """One value a round for one system and size, in milliseconds."""

    responses: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    durable: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        """Whether it takes too much of the run."""
        return bool(self.durable) and self.durable[0] > _LONG_SECONDS * 1000


def measure_response(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:
    """Response, durable and processor time by the number of participants, all systems in turn."""
    sizes = [size for size in (_QUICK_SIZES if quick else _SIZES) if size < len(world.people)]
    with _start_all(world, QUEUE_MS, peers=True) as (subjects, missing):
        rows = _measure(world, subjects, sizes, rounds, QUEUE_MS)
    if quick:
        return [*rows, *missing]
    with _start_all(world, 0, peers=False) as (subjects, _):
        return [*rows, *_measure(world, subjects, sizes, rounds, 0), *missing]


@contextmanager
def _start_all(world: World, queue_ms: int, *, peers: bool) -> Iterator[tuple[list[Subject], list[Missing]]]:
    with ExitStack() as resources:
        queue = resources.enter_context(run_delayed_queue(queue_ms))
        fronts = resources.enter_context(run_fronts(world, queue))
        subjects = resources.enter_context(call_handlers(world, queue))
        subjects += [make_subject(front) for front in fronts]
        missing: list[Missing] = []
        if peers:
            subjects.append(resources.enter_context(call_background_tasks(world)))
            systems, missing = resources.enter_context(run_peers(world))
            subjects += [make_subject(system) for system in systems]
        yield subjects, missing


def _measure(
    world: World, subjects: Sequence[Subject], sizes: Sequence[int], rounds: int, queue_ms: int
) -> list[Row]:
    figures = {(subject.name, size): _Figures() for size in sizes for subject in subjects}
    # The caller of some is the first of the people: never invited, so that all have as many to tell.
    bodies = {size: make_body(world.people[1 : size + 1]).encode() for size in sizes}
    for subject in subjects:
        _run_block(subject, bodies[sizes[0]], sizes[0], _WARM_UP_MEETINGS, _Figures())
    world.analyze()
    for number in range(rounds):
        for size in sizes:
            for subject in subjects:
                if _is_due(subject, size, number, figures):
                    _run_block(subject, bodies[size], size, _MEETINGS[size], figures[subject.name, size])
    return [
        row
        for (name, size), found in figures.items()
        for row in _make_rows(name, {"participants": size, "queue_ms": queue_ms}, found)
    ]


def _is_due(subject: Subject, size: int, number: int, figures: Mapping[tuple[str, int], _Figures]) -> bool:
    if not subject.tells:
        # It has no participants.
        return size == _SIZE_OF_FLOOR
    if not subject.name.startswith("convoke") and size > _LARGEST_OF_PEERS:
        return False
    smaller = [found for (name, other), found in figures.items() if name == subject.name and other < size]
    if any(found.is_long for found in smaller):
        return False
    return number == 0 or not figures[subject.name, size].is_long or subject.name in _EVERY_ROUND


def _run_block(subject: Subject, body: bytes, size: int, meetings: int, found: _Figures) -> None:
    subject.clear()
    responses: list[float] = []
    durable: list[float] = []
    cpu_before = subject.cpu_seconds()
    block_ends = time.perf_counter() + _BLOCK_SECONDS
    for number in range(1, meetings + 1):
        subject.prepare()
        began = time.perf_counter()
        subject.create(body)
        responses.append((time.perf_counter() - began) * 1000)
        if subject.tells:
            _wait_for(subject, number * size)
            durable.append((time.perf_counter() - began) * 1000)
        if time.perf_counter() > block_ends:
            break
    found.responses.append(median(responses))
    found.slowest.append(_percentile(responses, 0.99))
    if durable:
        found.durable.append(median(durable))
    if len(responses) >= _CPU_MEETINGS:
        found.cpu.append((subject.cpu_seconds() - cpu_before) / len(responses) * 1000)


def _wait_for(subject: Subject, notifications: int) -> None:
    began = time.perf_counter()
    while (there := subject.count()) < notifications:
        waited = time.perf_counter() - began
        if waited > _PATIENCE_SECONDS:
            raise TimeoutError(
                f"{subject.name}: {there} of {notifications} notifications after {waited:.0f} s"
            )
        # Counting takes the processor from those who write: less often, the longer it takes.
        time.sleep(max(0.0005, waited / 50))


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[ceil(share * len(values)) - 1]


def _make_rows(name: str, parameters: dict[str, str | int], found: _Figures) -> list[Row]:
    measured: list[tuple[str, list[float]]] = [
        ("response", found.responses),
        ("response p99", found.slowest),
        ("durable", found.durable),
        ("cpu", found.cpu),
    ]
    return [Row(measure, name, "ms", values, parameters) for measure, values in measured if values]
