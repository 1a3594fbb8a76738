"""Reads the unit costs of one event, as a run has measured them."""

from dataclasses import dataclass
from typing import Self

from benchmarks.results_file import Results

#: As in benchmarks.measures.unit_costs.
_FULL = 10


class NotMeasuredError(LookupError):
    """The results lack a row that the model needs."""


@dataclass(frozen=True, slots=True)
class Work:
    """One call of a function: milliseconds of the clock, of its own processor and of the database's."""

    elapsed_ms: float
    cpu_ms: float
    database_cpu_ms: float
    wal_bytes: float
    stored_bytes: float

    def plus(self, other: Self, times: float) -> Self:
        """Return this work plus `times` the other."""
        return type(self)(
            self.elapsed_ms + times * other.elapsed_ms,
            self.cpu_ms + times * other.cpu_ms,
            self.database_cpu_ms + times * other.database_cpu_ms,
            self.wal_bytes + times * other.wal_bytes,
            self.stored_bytes + times * other.stored_bytes,
        )


@dataclass(frozen=True, slots=True)
class Units:
    """The unit costs of events of one size. `single` and `full`: worker batches of one and ten messages.

    `…_trips`: round trips to the database of one call.
    """

    participants: int
    api: Work
    single: Work
    full: Work
    api_trips: float
    worker_trips: float

    def batch(self, messages: float) -> Work:
        """Return the work of a batch of 1 to 10 messages: a fixed part, and one for each message."""
        share = (messages - 1) / (_FULL - 1)
        return self.single.plus(self.full, share).plus(self.single, -share)


def read_units(results: Results, participants: int) -> Units:
    """Return the unit costs in the results of a run. Raises NotMeasuredError."""
    return Units(
        participants,
        _read_work(results, "convoke: API", participants=participants),
        _read_work(results, "convoke: worker", participants=participants, batch=1),
        _read_work(results, "convoke: worker", participants=participants, batch=_FULL),
        _read_trips(results, "convoke: create", participants),
        _read_trips(results, "convoke: worker batch", participants),
    )


def _read_trips(results: Results, system: str, participants: int) -> float:
    exact = results.find("round trips", system, participants=participants)
    found = [row.value for row in results.rows if (row.measure, row.system) == ("round trips", system)]
    if not found:
        raise NotMeasuredError(f"the round trips of {system} were not counted: make bench")
    # A quick run counts them only for the smallest and the largest number.
    return max(found) if exact is None else exact


def _read_work(results: Results, system: str, **parameters: int) -> Work:
    def read(part: str) -> float:
        value = results.find("unit cost", system, **parameters, of=part)
        if value is None:
            raise NotMeasuredError(
                f"the unit cost of {system} with {parameters} was not measured: make bench"
            )
        return value

    return Work(
        read("elapsed"),
        read("processor"),
        read("database processor"),
        read("log of the database"),
        read("growth of the database"),
    )
