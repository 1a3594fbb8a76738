"""A run of measures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks.catalogue import Measure
from benchmarks.machine import describe_machine, find_processor
from benchmarks.results import Missing, Row
from benchmarks.running import choose, run

_ROW = Row("memory", "convoke: API", "MB", [90])


@dataclass(frozen=True)
class _Made(Measure):
    """A measure with a function of the test's."""

    function: Callable[..., Any]

    def load(self) -> Any:
        return self.function


def _make(name: str, function: Callable[..., Any]) -> Measure:
    return _Made(name, None, 10, ("memory",), function)


def _fail(**_: object) -> list[Row]:
    raise RuntimeError("no luck")


def test_a_measure_that_fails_is_named_and_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run([_make("first", _fail), _make("second", lambda **_: [_ROW])], quick=True)

    assert (outcome.failed, outcome.rows) == (["first"], [_ROW])
    assert "no luck" in capsys.readouterr().err


def test_a_missing_row_is_printed_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    missing = Missing("memory", "Celery", "there is no redis-server")

    outcome = run([_make("first", lambda **_: [missing, _ROW])], quick=True)

    assert (outcome.failed, outcome.missing, outcome.rows) == ([], [missing], [_ROW])
    assert "there is no redis-server" in capsys.readouterr().err


def test_rows_that_the_catalogue_does_not_declare_are_a_failure() -> None:
    outcome = run([_make("first", lambda **_: [Row("memmory", "convoke: API", "MB", [90])])], quick=True)

    assert (outcome.failed, outcome.rows) == (["first"], [])


@pytest.mark.parametrize(("quick", "rounds", "given"), [(False, None, 3), (True, None, 2), (True, 7, 7)])
def test_a_quick_run_has_fewer_rounds(quick: bool, rounds: int | None, given: int) -> None:
    seen: list[tuple[int, bool]] = []

    def measure(*, rounds: int, quick: bool) -> list[Row]:
        seen.append((rounds, quick))
        return []

    run([_make("first", measure)], quick=quick, rounds=rounds)

    assert seen == [(given, quick)]


def test_what_functions_print_stays_out_of_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    run([_make("first", lambda **_: print('{"_aws": {}}') or [])], quick=True)

    assert capsys.readouterr().out == ""


def test_measures_are_chosen_by_name_in_the_order_of_a_run() -> None:
    assert [measure.name for measure in choose(["queue_cost", "cold_start"])] == ["cold_start", "queue_cost"]


def test_an_unknown_measure_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(LookupError, match=r"no measure is named cold_strat; there are .*cold_start"):
        choose(["cold_strat", "cold_start"])


def test_the_processor_is_read_from_the_kernels_list() -> None:
    assert find_processor(["processor\t: 0", "model name\t: AMD EPYC 7763\n", "model name\t: other"]) == (
        "AMD EPYC 7763"
    )
    assert find_processor(["processor\t: 0"]) == ""


def test_the_machine_is_described_without_its_name() -> None:
    assert set(describe_machine()) == {
        "processor",
        "architecture",
        "cores",
        "memory_gb",
        "system",
        "load_before",
    }
