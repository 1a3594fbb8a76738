"""Checks that each peer delivers: `python -m benchmarks.peers [--without-nagle] [NAME…]`.

Starts them in turn and prints the time to the response and to the last notification, best of three.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep

import httpx

from benchmarks.peers.starting import PEERS, run_peer
from benchmarks.systems import MissingError, RunningSystem
from benchmarks.world import World, make_world

_SIZES = (10, 1_000)
_REPETITIONS = 3
_DELIVERY_SECONDS = 60


def main() -> int:
    """Return the exit status: 1 if a peer notified more or fewer people than it should have."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--without-nagle", action="store_true", help="without the driver's stalls")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PEERS))
    arguments = parser.parse_args()
    failures = 0
    with make_world(max(_SIZES) + 1) as world:
        for name in arguments.names or PEERS:
            try:
                failures += not _check(name, world, nagle=not arguments.without_nagle)
            except MissingError as error:
                print(f"{name:18} missing: {error}")
    return int(failures > 0)


def _check(name: str, world: World, *, nagle: bool) -> bool:
    complete = True
    with tempfile.TemporaryDirectory() as folder, run_peer(name, world, Path(folder), nagle=nagle) as system:
        with httpx.Client(headers=dict(system.headers), timeout=_DELIVERY_SECONDS) as client:
            for size in _SIZES:
                # The caller takes part too, and is not notified.
                people = world.people[: size + 1]
                times = [_create(client, system, people, size) for _ in range(_REPETITIONS)]
                responded, delivered, rows = min(times)
                print(
                    f"{name:18} N={size:<6} response after {responded:8.1f} ms, "
                    f"all notified after {delivered:8.1f} ms, {rows} rows"
                )
                complete &= all(time[2] == size for time in times)
        processes = len(system.find_processes())
        print(f"{name:18} {system.measure_cpu_seconds():.1f} s of CPU in {processes} processes")
    return complete


def _create(
    client: httpx.Client, system: RunningSystem, people: Sequence[str], expected: int
) -> tuple[float, float, int]:
    body = {
        "title": "Планёрка",
        "starts_at": "2030-03-01T10:00:00+03:00",
        "ends_at": "2030-03-01T10:30:00+03:00",
        "participant_ids": list(people),
    }
    system.clear_notifications()
    began = perf_counter()
    response = client.post(f"{system.url}/v1/events", json=body)
    responded = perf_counter() - began
    if response.status_code != 201:
        raise RuntimeError(f"{system.name} responded {response.status_code}: {response.text}")
    while (rows := system.count_notifications()) < expected and perf_counter() - began < _DELIVERY_SECONDS:
        sleep(0.001)
    delivered = perf_counter() - began
    # A superfluous notification would come soon after the last.
    sleep(0.05)
    return responded * 1000, delivered * 1000, max(rows, system.count_notifications())


if __name__ == "__main__":
    sys.exit(main())
