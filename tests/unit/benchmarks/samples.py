"""Results of a run that never was."""

from collections.abc import Mapping, Sequence

from benchmarks.results import Missing, Row
from benchmarks.results_file import Results

MACHINE = {
    "processor": "Slide rule",
    "architecture": "x86_64",
    "cores": 2,
    "memory_gb": 8.0,
    "system": "Linux 6",
    "load_before": [0.1, 0.2, 0.3],
}

#: Of one call: elapsed, processor and database processor in ms; log and growth of the database in bytes.
API = (10.0, 2.0, 1.0, 5_000.0, 3_000.0)
SINGLE = (5.0, 1.0, 1.0, 7_000.0, 5_000.0)
FULL = (14.0, 1.9, 2.8, 70_000.0, 50_000.0)
_PARTS = (
    ("elapsed", "ms"),
    ("processor", "ms"),
    ("database processor", "ms"),
    ("log of the database", "bytes"),
    ("growth of the database", "bytes"),
)


def make_results(
    rows: Sequence[Row] = (), missing: Sequence[Missing] = (), *, quick: bool = False
) -> Results:
    """With a machine and versions of its own."""
    return Results(
        MACHINE, {"python": "3.13.0", "commit": "abcdef0"}, quick, rows, missing, {"response": 90.0}
    )


def response(system: str, participants: int, *rounds: float) -> Row:
    """A row of the time to response, with the queue at 5 ms."""
    return Row("response", system, "ms", list(rounds), {"participants": participants, "queue_ms": 5})


def make_unit_costs(participants: int) -> list[Row]:
    """What the growth model reads, the same for all numbers of participants."""
    return [
        *_unit_costs("convoke: API", API, {"participants": participants}),
        *_unit_costs("convoke: worker", SINGLE, {"participants": participants, "batch": 1}),
        *_unit_costs("convoke: worker", FULL, {"participants": participants, "batch": 10}),
        Row("round trips", "convoke: create", "count", [3], {"participants": participants}),
        Row("round trips", "convoke: worker batch", "count", [12], {"participants": participants}),
    ]


def _unit_costs(system: str, values: Sequence[float], parameters: Mapping[str, int]) -> list[Row]:
    return [
        Row("unit cost", system, unit, [value], {**parameters, "of": part})
        for (part, unit), value in zip(_PARTS, values, strict=True)
    ]
