"""Measures how long the deployed functions take to start, against a hello-world of FastAPI and Mangum.

The artifacts are built as for a deployment, bytecode included, and started by this machine's interpreter with
only the layers and the packages of Lambda's runtime on its search path.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.artifacts import LAYERS, build_functions
from benchmarks.cold_starts import HELLO, ColdStarts, Start
from benchmarks.results import Missing, Row
from benchmarks.runtime_packages import link_runtime_packages
from benchmarks.systems import MissingError

_STARTS, _QUICK_STARTS = 5, 2
_SYSTEMS = {
    HELLO: "hello",
    "ApiFunction": "convoke: API",
    "NotifyWorkerFunction": "convoke: worker",
    "OutboxRelayFunction": "convoke: relay",
}


def measure_cold_start(*, rounds: int, quick: bool) -> list[Row | Missing]:
    """Measure milliseconds up to the first response, of processor time and of elapsed time.

    A round's value is the lowest of several starts, all programs in turn: other processes can only add.
    """
    try:
        with _open_cold_starts() as starts:
            taken = [
                [starts.measure() for _ in range(_QUICK_STARTS if quick else _STARTS)] for _ in range(rounds)
            ]
    except MissingError as error:
        return [Missing("cold start", system, str(error)) for system in _SYSTEMS.values()]
    return [
        row
        for name, system in _SYSTEMS.items()
        for row in _make_rows(system, [[each[name] for each in one_round] for one_round in taken])
    ]


def _make_rows(system: str, rounds: list[list[Start]]) -> Iterator[Row]:
    cpu = [min(start.cpu_seconds for start in starts) * 1000 for starts in rounds]
    elapsed = [min(start.elapsed_seconds for start in starts) * 1000 for starts in rounds]
    yield Row("cold start", system, "ms", cpu, {"clock": "CPU"})
    yield Row("cold start", system, "ms", elapsed, {"clock": "elapsed"})


@contextmanager
def _open_cold_starts() -> Iterator[ColdStarts]:
    build = build_functions()
    with tempfile.TemporaryDirectory(prefix="convoke-bench-") as folder:
        runtime = link_runtime_packages(Path(folder) / "runtime")
        yield ColdStarts(build, [*(build / layer / "python" for layer in LAYERS), runtime])
