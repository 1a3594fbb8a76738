"""How fast the worker writes, against COPY of the same rows into the same table, and against an ORM.

All write the same batches, one transaction for each, into a table that was just emptied, after a
checkpoint. The worker also locks and reads the outbox, puts its rows into words, looks up each reader's
language, zone and mutes, and marks the rows delivered; COPY is given the finished rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from convoke.database import autocommit, make_engine, transaction
from convoke.messages import DeliveryMessage
from sqlalchemy import Engine, text

from benchmarks.measures.bulk_loading import copy_rows, insert_by_orm, read_row, read_rows, shuffle
from benchmarks.measures.deliveries import (
    BATCH_MESSAGES,
    WorkerCaller,
    ids_of,
    make_batches,
    schedule_meetings,
)
from benchmarks.results import Row
from benchmarks.world import World, make_world

_ROWS_PER_MESSAGE = 1_000
_ROWS_PER_BATCH = BATCH_MESSAGES * _ROWS_PER_MESSAGE
_ORM_ROWS = 300

#: Takes the seconds that each batch took.
type Deliver = Callable[[], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Stage:
    """So many people in the table of users; meetings of so many of them each."""

    people: int
    participants: Sequence[int]


_STAGES = (Stage(20_000, (1_000,)), Stage(200_000, (1_000, 10_000)))
_QUICK_STAGES = (Stage(200_000, (1_000,)),)


def measure_worker(*, rounds: int, quick: bool) -> list[Row]:
    """Rows per second: the median batch of 10,000 rows (10 messages with 1,000 recipients each)."""
    rows: list[Row] = []
    for stage in _QUICK_STAGES if quick else _STAGES:
        with make_world(stage.people) as world:
            for participants in stage.participants:
                rows += _measure(world, participants, rounds=rounds, batches=3 if quick else 10)
    return rows


def _measure(world: World, participants: int, *, rounds: int, batches: int) -> list[Row]:
    messages = schedule_meetings(
        world, meetings=batches * _ROWS_PER_BATCH // participants, participants=participants
    )
    engine = make_engine(world.database_url, timeout_seconds=600, application_name="benchmarks")
    try:
        systems = _make_systems(world, engine, make_batches(messages))
        values: dict[str, list[float]] = {name: [] for name in systems}
        for _ in range(rounds):
            for name, deliver in systems.items():
                _reset(engine)
                rows, took = (1, deliver()) if name == "ORM commit per row" else (_ROWS_PER_BATCH, deliver())
                _check(engine, rows * len(took))
                values[name].append(rows / median(took))
    finally:
        engine.dispose()
    parameters = {"participants": participants, "people": len(world.people)}
    return [Row("worker", name, "rows/s", rates, parameters) for name, rates in values.items()]


def _make_systems(
    world: World, engine: Engine, batches: Sequence[Sequence[DeliveryMessage]]
) -> dict[str, Deliver]:
    worker = WorkerCaller(engine)

    def run_worker() -> list[float]:
        took = []
        for batch in batches:
            started_at = perf_counter()
            worker.deliver(batch)
            took.append(perf_counter() - started_at)
        return took

    # What COPY is to write, and the worker's warm-up.
    _reset(engine)
    run_worker()
    lines = [read_rows(engine, ids_of(batch)) for batch in batches]
    unsorted = [shuffle(batch) for batch in lines]
    row = read_row(engine)
    return {
        "convoke: worker": run_worker,
        "COPY sorted": lambda: [copy_rows(engine, batch) for batch in lines],
        "COPY": lambda: [copy_rows(engine, batch) for batch in unsorted],
        "ORM commit per row": lambda: insert_by_orm(engine, row, world.people[:_ORM_ROWS]),
    }


def _reset(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("UPDATE outbox SET delivered_at = NULL WHERE delivered_at IS NOT NULL"))
        # Autovacuum would come at any time, and to one system more than to the other.
        connection.execute(text("ALTER TABLE notifications SET (autovacuum_enabled = false)"))
        connection.execute(text("TRUNCATE notifications"))
    with autocommit(engine) as connection:
        connection.execute(text("VACUUM (ANALYZE) outbox"))
        connection.execute(text("CHECKPOINT"))


def _check(engine: Engine, expected: int) -> None:
    with transaction(engine) as connection:
        found = connection.execute(text("SELECT count(*) FROM notifications")).scalar_one()
    if found != expected:
        raise RuntimeError(f"{found} notifications where there should be {expected}")
