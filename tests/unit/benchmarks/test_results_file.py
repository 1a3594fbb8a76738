"""What a run leaves behind can be read again."""

import json
from pathlib import Path

import pytest
from unit.benchmarks.samples import make_results, response

from benchmarks.results import Missing, Row
from benchmarks.results_file import Results


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    rows = [response("floor", 10, 7.5, 7.6, 7.4), Row("memory", "convoke: API", "MB", [90.5])]
    written = make_results(rows, [Missing("response", "Celery", "there is no redis-server")], quick=True)

    written.write(tmp_path / "results.json")

    read = Results.read(tmp_path / "results.json")
    assert read == written
    assert read.verdicts() == written.verdicts()


def test_the_file_says_what_became_of_each_goal(tmp_path: Path) -> None:
    rows = [response("convoke: handler", 10, 8, 9, 10), response("floor", 10, 8, 8, 8)]

    make_results(rows).write(tmp_path / "results.json")

    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    first, second = document["goals"][:2]
    assert (first["ratio"], first["goal"], first["met"], first["spread"]) == (
        1.125,
        "<= 1.3",
        True,
        [1, 1.25],
    )
    assert (second["ratio"], second["met"], second["spread"]) == (None, None, None)
    assert document["rows"][0] == {
        "measure": "response",
        "system": "convoke: handler",
        "participants": 10,
        "queue_ms": 5,
        "unit": "ms",
        "value": 9,
        "rounds": [8, 9, 10],
    }


@pytest.mark.parametrize("text", ["{}", '{"machine": {}}', "[]"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.json").write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match="does not hold the results of a run"):
        Results.read(tmp_path / "results.json")


def test_a_value_is_found_by_its_parameters_alone() -> None:
    results = make_results([response("floor", 10, 7, 8, 9), response("floor", 100, 17, 18, 19)])

    assert results.find("response", "floor", participants=100, queue_ms=5) == 18
    assert results.find("response", "floor", participants=100) is None
