"""docs/benchmarks.md, from results."""

from dataclasses import replace

import pytest
from unit.benchmarks.samples import make_results, response

from benchmarks.report.document import make_document
from benchmarks.report.figures import show, show_ratio, show_spread
from benchmarks.report.plots import make_plots
from benchmarks.report.tables import pivot
from benchmarks.report.verdicts import describe_changes, describe_verdicts
from benchmarks.results import Missing, Row
from benchmarks.results_file import Results

_MET = [response("convoke: handler", 10, 8, 9, 10), response("floor", 10, 8, 8, 8)]
_MISSED = [response("convoke: handler", 10, 80, 90, 100), response("floor", 10, 8, 8, 8)]
_GOAL = "response, N = 10, in the handler, against the floor"


def _write(results: Results, plots: tuple[str, ...] = ()) -> str:
    return make_document(results, analysis="Why it is so.", method="- How.", plots=plots)


def test_the_document_says_of_each_goal_whether_it_is_met() -> None:
    assert f"| {_GOAL} | 1.12 | 1–1.25 | ≤ 1.3 | met |" in _write(make_results(_MET))
    assert f"| {_GOAL} | 11.2 | 10–12.5 | ≤ 1.3 | **not met** |" in _write(make_results(_MISSED))


def test_a_goal_that_could_not_be_measured_says_why() -> None:
    missing = [Missing("response", "floor", "there is no PostgreSQL")]

    document = _write(make_results(_MET[:1], missing))

    assert f"| {_GOAL} | not measured |  | ≤ 1.3 | not measured: there is no PostgreSQL |" in document
    assert "| response | floor | there is no PostgreSQL |" in document


def test_the_part_written_by_hand_goes_in_as_it_is() -> None:
    document = _write(make_results(_MET))

    assert "\n\nWhy it is so.\n\n" in document
    assert "## How it is measured\n\n- How.\n" in document


def test_a_section_without_rows_is_left_out() -> None:
    document = _write(make_results(_MET))

    assert "\n## Response time\n" in document
    assert "\n## Throughput\n" not in document


def test_only_pictures_that_there_are_are_shown() -> None:
    assert "](benchmarks/response.svg)" in _write(make_results(_MET), plots=("response",))
    assert ".svg" not in _write(make_results(_MET))


def test_a_quick_run_says_that_it_is_one() -> None:
    assert "**A quick run**" in _write(make_results(_MET, quick=True))
    assert "quick run" not in _write(make_results(_MET)).lower()


def test_a_peer_that_does_better_than_the_one_in_the_goal_is_named() -> None:
    def durable(system: str, *rounds: float) -> Row:
        return Row("durable", system, "ms", list(rounds), {"participants": 1_000, "queue_ms": 5})

    goal = "| all durable, N = 1,000, against the best peer (Celery in chunks) | 0.2 |"
    rows = [durable("convoke: uvicorn", 20, 20), durable("Celery: chunks", 100, 100)]

    worse, better, far_better = (
        durable("Celery", 500),
        durable("procrastinate", 60),
        durable("synchronous", 40),
    )

    assert f"{goal} 0.2 | ≤ 0.4 | met |" in _write(make_results([*rows, worse]))
    assert f"{goal} 0.2 | ≤ 0.4 | met; procrastinate did better here: 0.333 |" in _write(
        make_results([*rows, worse, better])
    )
    assert "met; synchronous did better here: 0.5, which does not meet the goal |" in _write(
        make_results([*rows, better, far_better])
    )


def test_a_failed_measure_is_named() -> None:
    assert "**Failed in this run: worker.**" in _write(replace(make_results(_MET), failed=("worker",)))
    assert "Failed" not in _write(make_results(_MET))


def test_a_table_has_systems_down_and_participants_across() -> None:
    rows = [response("convoke: uvicorn", 10, 9.6), response("floor", 10, 7.5), response("floor", 1_000, 7.51)]

    assert pivot(rows, ["response"], "participants", queue_ms=5) == [
        "|  | 10 | 1,000 |",
        "| --- | ---: | ---: |",
        "| **convoke: uvicorn** | 9.6 | – |",
        "| floor | 7.5 | 7.51 |",
    ]


def test_a_table_leaves_out_rows_with_other_parameters() -> None:
    assert pivot([response("floor", 10, 7.5)], ["response"], "participants", queue_ms=0) == []


def test_a_goal_that_is_not_met_is_printed_again_at_the_end() -> None:
    lines = describe_verdicts(make_results(_MISSED))

    assert lines[-1] == f"NOT MET: {_GOAL}"
    assert any(line.startswith("NOT MET ") and _GOAL in line for line in lines)


def test_different_verdicts_of_two_runs_are_listed() -> None:
    met, missed = make_results(_MET), make_results(_MISSED)

    assert describe_changes(met, met) == ["same verdicts as the last run"]
    assert describe_changes(met, missed) == [
        f"differs from the last run: {_GOAL}: met at 1.12, NOT MET at 11.2 now"
    ]
    # What only one of them has measured is no disagreement.
    assert describe_changes(make_results(), missed) == ["same verdicts as the last run"]


def test_a_plot_has_a_line_for_each_system_in_the_order_of_participants() -> None:
    rows = [response("floor", 1_000, 8), response("floor", 10, 7), response("convoke: uvicorn", 10, 9)]

    plot = make_plots(make_results(rows))["response"]

    assert [(item["label"], item["points"], item["ours"]) for item in plot["items"]] == [
        ("Convoke", [(10, 9)], True),
        ("floor", [(10, 7), (1_000, 8)], False),
    ]


def test_a_plot_goes_as_far_as_the_peers_and_the_floor_with_it() -> None:
    rows = [
        *(response("convoke: uvicorn", number, number) for number in (10, 100, 1_000)),
        *(response("Celery", number, number) for number in (10, 100)),
        response("floor", 10, 7),
    ]

    plot = make_plots(make_results(rows))["response"]

    assert {item["label"]: item["points"] for item in plot["items"]} == {
        "Convoke": [(10, 10), (100, 100)],
        "Celery": [(10, 10), (100, 100)],
        "floor": [(10, 7), (100, 7)],
    }


def test_a_plot_without_anything_to_show_is_left_out() -> None:
    assert set(make_plots(make_results([Row("cold start", "hello", "ms", [240], {"clock": "CPU"})]))) == {
        "cold-start"
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (0.00002, "<0.001"),
        (0.1734, "0.173"),
        (9.874, "9.87"),
        (999.4, "999"),
        (999.6, "1,000"),
        (11_312.4, "11,312"),
    ],
)
def test_quantities_have_three_digits(value: float | None, text: str) -> None:
    assert show(value) == text


def test_ratios_have_three_digits_and_a_spread_that_is_none_is_one_number() -> None:
    assert (show_ratio(0.01234), show_ratio(207.5), show_ratio(1.0)) == ("0.0123", "208", "1")
    assert (show_spread((0.4, 0.6)), show_spread((1, 1)), show_spread(None)) == ("0.4–0.6", "1", "")
