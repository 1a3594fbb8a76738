"""Counts lost notifications: every process but database and broker is killed right after 100 responses."""

import time

from benchmarks.load import Client
from benchmarks.measures.subjects import run_fronts, run_peers
from benchmarks.ours.applications import make_body
from benchmarks.results import Missing, Row
from benchmarks.systems import RunningSystem
from benchmarks.world import World, run_delayed_queue

_EVENTS = 100
_PARTICIPANTS = 10
#: Seconds from the restart to the count of notifications. Convoke's relay re-sends after 10 s here.
_PATIENCE_SECONDS = 25.0
_POLL_SECONDS = 0.1


def measure_loss(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:  # noqa: ARG001 - as all measures
    """Count the notifications missing after the restart, of a thousand whose requests had a response.

    Measured in one round: it is a count. It means "not written within 25 s": a broker may bring some back
    much later (Celery's visibility timeout is an hour).
    """
    body = make_body(world.people[1 : _PARTICIPANTS + 1]).encode()
    with run_delayed_queue(0) as queue, run_fronts(world, queue, ("gateway",)) as fronts:
        if quick:
            return [*_kill_and_count(fronts, body)]
        with run_peers(world) as (peers, missing):
            rows = _kill_and_count([*fronts, *peers], body)
            return [*rows, *(Missing("lost after kill", each.system, each.reason) for each in missing)]


def _kill_and_count(systems: list[RunningSystem], body: bytes) -> list[Row]:
    for system in systems:
        system.clear_notifications()
        client = Client(system.url, system.headers)
        for _ in range(_EVENTS):
            client.create(body)
        system.kill()
        client.close()
    for system in systems:
        system.restart()
    return [
        Row("lost after kill", system.name, "count", [float(lost)])
        for system, lost in zip(systems, _wait_for_all(systems), strict=True)
    ]


def _wait_for_all(systems: list[RunningSystem]) -> list[int]:
    expected = _EVENTS * _PARTICIPANTS
    deadline = time.monotonic() + _PATIENCE_SECONDS
    lost = [expected] * len(systems)
    while any(lost) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        lost = [expected - system.count_notifications() for system in systems]
    return lost
