"""Measures events of ten people created a second by many clients at once, and the response time."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from benchmarks.goals import QUEUE_MS
from benchmarks.load import Client, Load, percentile
from benchmarks.measures.subjects import run_fronts, run_peers
from benchmarks.ours.applications import make_body
from benchmarks.ours.starting import FRONTS
from benchmarks.peers.starting import PEERS
from benchmarks.results import Missing, Row
from benchmarks.systems import RunningSystem
from benchmarks.world import World, run_delayed_queue

_PARTICIPANTS = 10
#: The goals compare these systems at the last number of clients: measured in every round, and alone in a
#: quick run. The others are measured once.
_CLIENTS = (1, 8, 32)
_COMPARED = ("convoke: threads", "convoke: gateway", "Celery: chunks")
_SECONDS, _QUICK_SECONDS = 3.0, 2.0
_WARM_UP_SECONDS = 1.0
#: A client that waits longer gives up. Clients of a stalled system would wait for half a minute.
_CLIENT_SECONDS = 6.0
#: Seconds from the last response to the count of notifications; then the system is started anew.
_DELIVERY_SECONDS = 5.0
_POLL_SECONDS = 0.02


@dataclass(slots=True)
class _Figures:
    """The figures of one system and number of clients: one value a round."""

    responded: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)


def measure_throughput(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:
    """Measure responses a second, their p50 and p99, and events a second up to the last notification."""
    body = make_body(world.people[1 : _PARTICIPANTS + 1]).encode()
    figures: dict[tuple[str, int], _Figures] = {}
    with ExitStack() as resources:
        queue = resources.enter_context(run_delayed_queue(QUEUE_MS))
        fronts = ("threads",) if quick else FRONTS
        systems = [*resources.enter_context(run_fronts(world, queue, fronts))]
        peers, missing = resources.enter_context(run_peers(world, _COMPARED if quick else PEERS))
        systems += peers
        for system in systems:
            # Servers start their threads, and the gateway its environments, with the first requests at once.
            _run(system, _CLIENTS[-1], body, _WARM_UP_SECONDS, _Figures())
        world.analyze()
        for number in range(rounds):
            for clients in _CLIENTS[-1:] if quick or number else _CLIENTS:
                for system in systems:
                    if number == 0 or system.name in _COMPARED:
                        found = figures.setdefault((system.name, clients), _Figures())
                        _run(system, clients, body, _QUICK_SECONDS if quick else _SECONDS, found)
    rows = [
        row
        for (name, clients), found in figures.items()
        for row in _make_rows(name, {"clients": clients}, found)
    ]
    return [*rows, *(Missing("throughput", each.system, each.reason) for each in missing)]


def _run(system: RunningSystem, clients: int, body: bytes, seconds: float, found: _Figures) -> None:
    system.clear_notifications()
    load = Load(lambda: Client(system.url, system.headers, timeout_seconds=_CLIENT_SECONDS), clients)
    began = time.perf_counter()
    took = load.run(body, seconds)
    expected = len(load.responses) * _PARTICIPANTS
    deadline = time.perf_counter() + _DELIVERY_SECONDS
    while (there := system.count_notifications()) < expected and time.perf_counter() < deadline:
        time.sleep(_POLL_SECONDS)
    until_told = time.perf_counter() - began
    if there < expected or load.failures:
        # Its remaining work would slow the others down.
        system.kill()
        system.restart()
    found.responded.append(len(load.responses) / took)
    found.delivered.append(min(there, expected) / _PARTICIPANTS / until_told)
    # A client without a response has waited until it gave up.
    waits = [*load.responses, *[_CLIENT_SECONDS * 1000] * len(load.failures)]
    found.middle.append(median(waits))
    found.slowest.append(percentile(waits, 0.99))


def _make_rows(name: str, parameters: Mapping[str, str | int], found: _Figures) -> list[Row]:
    return [
        Row("throughput", name, "events/s", found.responded, parameters),
        Row("throughput delivered", name, "events/s", found.delivered, parameters),
        Row("throughput p50", name, "ms", found.middle, parameters),
        Row("throughput p99", name, "ms", found.slowest, parameters),
    ]
