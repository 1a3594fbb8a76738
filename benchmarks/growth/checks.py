"""Compares the model and the simulation with the measured values of real runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.goals import QUEUE_MS
from benchmarks.growth.courses import RUNS, RealRun
from benchmarks.growth.simulation import Course, Stations, draw_arrivals, simulate
from benchmarks.growth.units import Units, read_units
from benchmarks.results_file import Results

_BATCH_SIZE = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity of one run: measured, computed and simulated; None where it has no value."""

    run: str
    quantity: str
    measured: float
    computed: float | None
    simulated: float | None


def list_checks(results: Results) -> list[Check]:
    """Return the checks of the runs in the results, in their order."""
    checks: list[Check] = []
    for run in RUNS:
        if results.find("growth run", "convoke", run=run.name, of="events") is not None:
            units = read_units(results, run.participants)
            checks += (
                _check_paced(results, run, units) if run.events_per_hour else _check_flat(results, run, units)
            )
    return checks


def _check_paced(results: Results, run: RealRun, units: Units) -> Iterator[Check]:
    def measured(of: str) -> float:
        value = results.find("growth run", "convoke", run=run.name, of=of)
        if value is None:
            raise LookupError(f"{of} of the run {run.name} was not measured")
        return value

    rate, seconds = run.events_per_hour / 3600, measured("seconds")
    course = simulate_run(run, units, seconds)
    database_ms = units.api.database_cpu_ms + units.single.database_cpu_ms
    yield Check(
        run.name,
        "API environment busy, %",
        100 * measured("API busy") / seconds,
        rate * units.api.elapsed_ms / 10,
        100 * course.api_busy / seconds,
    )
    yield Check(
        run.name,
        "worker busy, %",
        100 * measured("worker busy") / seconds,
        rate * units.single.elapsed_ms / 10,
        100 * course.worker_busy / seconds,
    )
    yield Check(run.name, "messages to a batch", measured("messages to a batch"), 1.0, course.mean_batch)
    yield Check(
        run.name,
        "database busy, % of a core",
        100 * measured("database processor") / seconds,
        rate * database_ms / 10,
        None,
    )
    yield Check(
        run.name,
        "response, ms, median",
        measured("response"),
        units.api.elapsed_ms,
        1000 * median(course.responses),
    )
    yield Check(
        run.name,
        "all durable, ms, median",
        measured("durable"),
        # The queue has the message while the API still waits for its response.
        units.api.elapsed_ms - QUEUE_MS + units.single.elapsed_ms,
        1000 * median(course.durables),
    )


def _check_flat(results: Results, run: RealRun, units: Units) -> Iterator[Check]:
    rate = results.find("growth run", "convoke", run=run.name, of="events/s") or 0.0
    busy = results.find("growth run", "convoke", run=run.name, of="processors busy")
    if busy is not None:
        yield Check(run.name, "processors of the machine busy, %", busy, None, None)
    batch = results.find("growth run", "convoke", run=run.name, of="messages to a batch") or 1.0
    yield Check(
        run.name, "events/s", rate, compute_flat_rate(run, units, results.machine["cores"], batch), None
    )


def compute_flat_rate(run: RealRun, units: Units, cores: int, batch: float) -> float:
    """Return the most events a second: by the environments' waiting, or by this machine's processors."""
    work = units.batch(batch)
    cpu_ms = units.api.cpu_ms + units.api.database_cpu_ms + (work.cpu_ms + work.database_cpu_ms) / batch
    return min(run.api_environments / units.api.elapsed_ms, cores / cpu_ms) * 1000


def simulate_run(run: RealRun, units: Units, seconds: float) -> Course:
    """Simulate the run's arrivals with the measured unit costs of this machine."""
    stations = Stations(
        api_environments=run.api_environments,
        api_seconds=units.api.elapsed_ms / 1000,
        workers=1,
        batch_size=_BATCH_SIZE,
        batch_seconds=lambda messages: units.batch(messages).elapsed_ms / 1000,
        sent_early_seconds=QUEUE_MS / 1000,
    )
    return simulate(draw_arrivals(run.events_per_hour / 3600, seconds), stations)
