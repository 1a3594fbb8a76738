"""docs/growth.md is made from results."""

from unit.benchmarks.samples import make_results, make_unit_costs

from benchmarks.growth.cost import read_prices
from benchmarks.growth.deployment import Assumptions, read_deployment
from benchmarks.growth.document import make_document
from benchmarks.results import Row

_RUN = "10,000 events/h, 10 participants"
_MEASURED = {
    "seconds": 20,
    "events": 55,
    "API busy": 0.6,
    "worker busy": 0.3,
    "messages to a batch": 1,
    "database processor": 0.2,
    "response": 10.5,
    "durable": 12,
}


def _write(rows: list[Row]) -> str:
    return make_document(
        make_results([*make_unit_costs(10), *make_unit_costs(1_000), *rows]),
        read_deployment(),
        Assumptions(),
        read_prices(),
        model_text="How it is computed.",
        relay_text="What the relay does.",
    )


def test_each_load_has_its_needs_and_its_price() -> None:
    document = _write([])

    for events in ("100", "10,000", "1,000,000"):
        for participants in ("10", "1,000"):
            # Once among the needs, once among the costs.
            assert document.count(f"\n| {events} | {participants} | ") == 2


def test_the_first_bottleneck_stands_out() -> None:
    line = next(line for line in _write([]).splitlines() if line.startswith("| 10 | ") and "**" in line)

    # 500 requests a second, and a load for everything else is further off.
    assert line.split(" | ")[1] == "**1,800,000**"
    assert line.count("**") == 2


def test_the_texts_go_in_as_they_are() -> None:
    document = _write([])

    assert "## The model\n\nHow it is computed.\n" in document
    assert "## The relay\n\nWhat the relay does.\n" in document


def test_a_real_run_stands_beside_what_was_computed_and_simulated() -> None:
    rows = [
        Row("growth run", "convoke", "ms", [value], {"run": _RUN, "of": name})
        for name, value in _MEASURED.items()
    ]

    document = _write(rows)

    # 10,000 an hour at 10 ms each keep an environment busy for 2.78 % of the time.
    assert f"| {_RUN} | API environment busy, % | 3 | 2.78 | " in document
    assert f"| {_RUN} | response, ms, median | 10.5 | 10 | 10 |" in document


def test_memory_is_described_if_it_was_measured() -> None:
    rows = [
        Row("memory", system, "MB", [megabytes], {"participants": participants})
        for system, megabytes, participants in (
            ("convoke: API", 86, 1),
            ("convoke: API", 130, 100_000),
            ("convoke: worker", 56, 100_000),
        )
    ]

    assert "the API took 130 MB of its 1,024 at most, the worker 56 of 1,024" in _write(rows)
    assert "Memory" not in _write([])
