"""Runs all parts together under a load, for comparison with the growth model.

Events arrive at random at a given rate (the times are drawn with a fixed seed), one API environment creates
them and one worker takes the waiting messages; or several API environments create events as fast as they can.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil

from benchmarks.database_load import DatabaseLoad, watch_database
from benchmarks.goals import QUEUE_MS
from benchmarks.growth.courses import RUNS, RealRun
from benchmarks.report.paths import ROOT
from benchmarks.results import Missing, Row
from benchmarks.world import World, run_delayed_queue

#: Between the order to begin and the beginning.
_LEAD_SECONDS = 0.2
_DRAIN_SECONDS = 60
_QUICK_SHARE = 0.2

type Created = list[Any]
type Delivered = list[Any]


@dataclass(slots=True)
class _Log:
    """The reports of the processes."""

    responded: list[Created]
    delivered: list[Delivered]
    database: DatabaseLoad
    busy_share: float


def measure_growth_runs(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:
    """Measure one round: each run is long enough to be an average of its own."""
    del rounds
    rows: list[Row | Missing] = []
    for run in (RUNS[0], RUNS[-1]) if quick else RUNS:
        seconds = run.seconds * (_QUICK_SHARE if quick else 1)
        rows += _make_rows(run, seconds, _run(world, run, seconds))
    return rows


def _run(world: World, run: RealRun, seconds: float) -> _Log:
    with (
        ExitStack() as resources,
        run_delayed_queue(QUEUE_MS) as endpoint,
        world.open_engine() as watcher,
    ):
        order = {"database_url": world.database_url, "endpoint": endpoint}
        creating = order | {
            "participants": [*world.people[: run.participants]],
            "seconds": seconds,
            "rate": run.events_per_hour / 3600,
        }
        worker = resources.enter_context(_start("worker", order))
        apis = [resources.enter_context(_start("api", creating)) for _ in range(run.api_environments)]
        _wait_until_ready([worker, *apis])
        start_at = time.time() + _LEAD_SECONDS
        for api in apis:
            _send(api, start_at)
        with watch_database(watcher) as load:
            before = psutil.cpu_times()
            responded = [each for api in apis for each in _finish(api)]
            busy_share = _busy_share(before, psutil.cpu_times())
            # Delivery goes on until no message waits; then the worker's next poll is empty and it ends.
            worker.terminate()
            delivered = _finish(worker)
        return _Log(responded, delivered, load, busy_share)


@contextmanager
def _start(part: str, order: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "benchmarks.growth.processes", part],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _send(process, order)
        yield process
    finally:
        process.kill()
        process.wait()


def _send(process: subprocess.Popen[str], what: object) -> None:
    if process.stdin is None:
        raise RuntimeError("the process has no standard input")
    process.stdin.write(json.dumps(what) + "\n")
    process.stdin.flush()


def _wait_until_ready(processes: Sequence[subprocess.Popen[str]]) -> None:
    for process in processes:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("a part of the run did not start")


def _finish(process: subprocess.Popen[str]) -> list[Any]:
    output, _ = process.communicate(timeout=_DRAIN_SECONDS)
    if process.returncode != 0:
        raise RuntimeError(f"a part of the run failed with status {process.returncode}")
    found: list[Any] = json.loads(output)
    return found


def _make_rows(run: RealRun, seconds: float, log: _Log) -> Iterator[Row]:
    durable_at = {event_id: done for done, _, event_ids in log.delivered for event_id in event_ids}
    begins = min(arrival for arrival, *_ in log.responded)
    batches = [(done, busy, len(ids)) for done, busy, ids in log.delivered if done > begins]
    values: dict[str, tuple[str, float]] = {
        "seconds": ("s", seconds),
        "events": ("count", len(log.responded)),
        "lost": ("count", sum(event_id not in durable_at for *_, event_id in log.responded)),
        "events/s": ("events/s", _rate([responded for _, responded, *_ in log.responded])),
        "API busy": ("s", sum(busy for _, _, busy, _ in log.responded)),
        "worker busy": ("s", sum(busy for _, busy, _ in batches)),
        "messages to a batch": ("count", sum(size for *_, size in batches) / len(batches)),
        "response": ("ms", 1000 * median(responded - arrival for arrival, responded, *_ in log.responded)),
        "durable": (
            "ms",
            1000
            * median(durable_at.get(id_, float("inf")) - arrival for arrival, _, _, id_ in log.responded),
        ),
        "database processor": ("s", log.database.cpu_seconds),
        "processors busy": ("%", 100 * log.busy_share),
    }
    for name, (unit, value) in values.items():
        yield Row("growth run", "convoke", unit, [value], {"run": run.name, "of": name})


def _busy_share(before: Any, after: Any) -> float:
    """Return the busy share of all processors between two readings of psutil.cpu_times()."""
    passed = sum(after) - sum(before)
    resting = sum(getattr(after, name, 0) - getattr(before, name, 0) for name in ("idle", "iowait"))
    return float(1 - resting / passed)


def _rate(times: Sequence[float]) -> float:
    return len(times) / (max(times) - min(times))
