"""Measures how fast the worker writes, against COPY of the same rows into the same kind of table, and an ORM.

All write the same batches, each in one transaction, and take turns batch by batch. The worker also locks and
reads the outbox, renders the texts, looks up each recipient's language, zone and mutes, and marks the rows
delivered; COPY gets the finished rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit, transaction
from convoke.messages import DeliveryMessage
from sqlalchemy import Engine, text

from benchmarks.measures.bulk_loading import (
    copy_rows,
    insert_by_orm,
    make_twin,
    read_row,
    read_rows,
    shuffle,
)
from benchmarks.measures.deliveries import (
    BATCH_MESSAGES,
    WorkerCaller,
    create_events,
    ids_of,
    make_batches,
)
from benchmarks.results import Row
from benchmarks.world import World, make_world

_ROWS_PER_BATCH = BATCH_MESSAGES * 1_000
_ORM_ROWS = 300
_ORM = "ORM commit per row"
_TWINS = ("copy_sorted", "copy_unsorted", "by_orm")

#: Writes the batch of that number; returns the seconds.
type Write = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Stage:
    """The size of the table of users, and of the events."""

    people: int
    participants: Sequence[int]


_STAGES = (Stage(20_000, (1_000,)), Stage(200_000, (1_000, 10_000)))
_QUICK_STAGES = (Stage(200_000, (1_000,)),)


def measure_worker(*, rounds: int, quick: bool) -> list[Row]:
    """Measure rows a second: the median batch of 10,000 rows (10 messages with 1,000 recipients each)."""
    rows: list[Row] = []
    for stage in _QUICK_STAGES if quick else _STAGES:
        with make_world(stage.people) as world:
            for participants in stage.participants:
                rows += _measure(world, participants, rounds=rounds, batches=5 if quick else 10)
    return rows


def _measure(world: World, participants: int, *, rounds: int, batches: int) -> list[Row]:
    messages = create_events(
        world, events=batches * _ROWS_PER_BATCH // participants, participants=participants
    )
    engine = make_engine(world.database_url, timeout_seconds=600, application_name="benchmarks")
    try:
        writers = _make_writers(engine, make_batches(messages))
        row = read_row(engine)
        rates: dict[str, list[float]] = {name: [] for name in (*writers, _ORM)}
        for _ in range(rounds):
            _reset(engine)
            took: dict[str, list[float]] = {name: [] for name in writers}
            for number in range(batches):
                for name, write in writers.items():
                    took[name].append(write(number))
            _check(engine, batches * _ROWS_PER_BATCH)
            for name, seconds in took.items():
                rates[name].append(_ROWS_PER_BATCH / median(seconds))
            by_orm = insert_by_orm(world.database_url, "by_orm", row, world.people[:_ORM_ROWS])
            rates[_ORM].append(1 / median(by_orm))
    finally:
        engine.dispose()
    parameters = {"participants": participants, "people": len(world.people)}
    return [Row("worker", name, "rows/s", values, parameters) for name, values in rates.items()]


def _make_writers(engine: Engine, batches: Sequence[Sequence[DeliveryMessage]]) -> dict[str, Write]:
    worker = WorkerCaller(engine)

    def deliver(number: int) -> float:
        started_at = perf_counter()
        worker.deliver(batches[number])
        return perf_counter() - started_at

    # The rows for COPY, and the worker's warm-up.
    _reset(engine)
    for number in range(len(batches)):
        deliver(number)
    lines = [read_rows(engine, ids_of(batch)) for batch in batches]
    unsorted = [shuffle(batch) for batch in lines]
    return {
        "convoke: worker": deliver,
        "COPY sorted": lambda number: copy_rows(engine, "copy_sorted", lines[number]),
        "COPY": lambda number: copy_rows(engine, "copy_unsorted", unsorted[number]),
    }


def _reset(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("UPDATE outbox SET delivered_at = NULL WHERE delivered_at IS NOT NULL"))
        connection.execute(text("TRUNCATE notifications"))
    for table in ("notifications", *(make_twin(engine, name) for name in _TWINS)):
        with transaction(engine) as connection:
            # Autovacuum would run at any time, and slow one of them more than the others.
            connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
    with autocommit(engine) as connection:
        connection.execute(text("VACUUM (ANALYZE) outbox"))
        connection.execute(text("CHECKPOINT"))


def _check(engine: Engine, expected: int) -> None:
    with transaction(engine) as connection:
        for table in ("notifications", "copy_sorted", "copy_unsorted"):
            found = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - our names
            if found != expected:
                raise RuntimeError(f"{found} rows in {table} where there should be {expected}")
