"""Lists all measures: their rows, the people they need and their time budgets. Imports none of them."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """One function `measure_…` of benchmarks.measures.

    `people`: the size of a world made for this measure alone; None if it makes its own or needs none.
    `yields`: the names of its rows' measures. `budget_seconds` applies to a whole run, not to a quick one.
    """

    name: str
    people: int | None
    budget_seconds: float
    yields: tuple[str, ...]

    @property
    def module(self) -> str:
        """Return the name of its module."""
        return f"benchmarks.measures.{self.name}"

    @property
    def exists(self) -> bool:
        """Return whether the module exists."""
        return find_spec(self.module) is not None

    def load(self) -> Any:
        """Return the function."""
        return getattr(import_module(self.module), f"measure_{self.name}")


#: In the order of a run.
MEASURES = (
    Measure(
        "response",
        100_001,
        290,
        ("response", "response p99", "durable", "cpu"),
    ),
    Measure(
        "throughput", 1_000, 190, ("throughput", "throughput delivered", "throughput p50", "throughput p99")
    ),
    Measure("loss", 1_000, 70, ("lost after kill",)),
    Measure("worker", None, 45, ("worker",)),
    Measure("inbox", None, 60, ("inbox page", "unread count", "key lookup", "notifications stored")),
    Measure("relay", None, 30, ("relay tick",)),
    Measure("round_trips", None, 15, ("statements", "queue calls", "round trips")),
    Measure("memory", None, 20, ("memory",)),
    Measure("cold_start", None, 50, ("cold start",)),
    Measure("queue_cost", 100, 20, ("queue cost",)),
    Measure("unit_costs", 10_001, 25, ("unit cost",)),
    Measure("growth_runs", 10_001, 65, ("growth run",)),
)

#: All systems that a row may name.
SYSTEMS = (
    "convoke",
    "convoke: handler",
    "convoke: Mangum",
    "convoke: uvicorn",
    "convoke: threads",
    "convoke: gateway",
    "convoke: API",
    "convoke: worker",
    "convoke: relay",
    "convoke: create",
    "convoke: create, first use",
    "convoke: worker batch",
    "synchronous",
    "BackgroundTasks",
    "BackgroundTasks: Mangum",
    "Celery",
    "Celery: chunks",
    "procrastinate",
    "floor",
    "COPY sorted",
    "COPY",
    "ORM commit per row",
    "primary-key lookup",
    "primary-key lookup, prepared",
    "hello",
)
