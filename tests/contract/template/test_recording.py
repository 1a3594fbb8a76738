"""What the dashboard's picture is drawn from was measured, all of it, and is computed as CloudWatch does."""

import json
import re
from types import ModuleType
from typing import Any

import pytest
from contract.template.dashboards import read_dashboard, series_of
from contract.template.expansion import ROOT, Template
from contract.template.scripts import load_script

RECORDING = json.loads((ROOT / "infra/sample-metrics.json").read_text(encoding="utf-8"))

#: Aurora's capacity exists on AWS alone.
ABSENT = {"ServerlessDatabaseCapacity"}


@pytest.fixture(scope="module")
def samples() -> ModuleType:
    return load_script("recording/samples")


@pytest.fixture
def widgets(template: Template) -> list[dict[str, Any]]:
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    return read_dashboard(dashboard["DashboardBody"]["Fn::Sub"])


def test_a_log_s_emf_lines_become_measurements_and_a_torn_one_none(samples: ModuleType) -> None:
    line = {
        "_aws": {
            "Timestamp": 12_500,
            "CloudWatchMetrics": [{"Namespace": "Convoke", "Metrics": [{"Name": "A"}, {"Name": "B"}]}],
        },
        "service": "s",
        "A": [1.0, 2.0],
        "B": 3,
    }
    log = [json.dumps(line), '{"_aws": {"Timest', '{"message": "no metric"}']

    assert list(samples.read_emf(log, began=10.0)) == [
        (("Convoke", "A", "s"), 2.5, 1.0),
        (("Convoke", "A", "s"), 2.5, 2.0),
        (("Convoke", "B", "s"), 2.5, 3.0),
    ]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", 110), ("Maximum", 100), ("Average", 22), ("p50", 3), ("p99", 100), ("PR(:4)", 80)],
)
def test_a_statistic_is_that_of_cloudwatch(statistic: str, expected: float, samples: ModuleType) -> None:
    assert samples.compute(statistic, [4.0, 1.0, 100.0, 2.0, 3.0]) == pytest.approx(expected)
    assert samples.compute(statistic, []) is None


def test_a_statistic_that_nobody_knows_is_refused(samples: ModuleType) -> None:
    with pytest.raises(ValueError, match="Minimun"):
        samples.compute("Minimun", [1.0])


def test_a_widget_s_rows_are_computed_for_each_period_and_gaps_stay(samples: ModuleType) -> None:
    measured = samples.Measurements()
    for at, value in ((0.5, 6), (2.9, 4), (7.0, 5), (9.0, 99)):
        measured.add(("AWS/SQS", "Visible", "Q"), at, value)
    measured.add(("AWS/SQS", "Deleted", "Q"), 1.0, 30)
    measured.add(("AWS/SQS", "Deleted", "Q"), 7.0, 0)
    properties = {
        "stat": "Sum",
        "metrics": [
            ["AWS/SQS", "Visible", "QueueName", "Q", {"id": "v", "stat": "Maximum"}],
            ["AWS/SQS", "Deleted", "QueueName", "Q", {"id": "d", "visible": False}],
            [{"expression": "v / (d / PERIOD(d))", "id": "drain"}],
        ],
    }

    assert samples.draw_up(measured, properties, [0.0, 3.0, 6.0, 9.0]) == [
        [6, None, 5],
        [30, None, 0],
        [pytest.approx(0.6), None, None],
    ]


def test_the_recording_has_a_row_for_each_row_of_the_deployed_dashboard(
    widgets: list[dict[str, Any]],
) -> None:
    rows = {
        widget["properties"]["title"]: len(widget["properties"]["metrics"])
        for widget in widgets
        if widget["type"] == "metric"
    }
    recorded = {title: len(rows) for title, rows in (RECORDING["series"] | RECORDING["values"]).items()}

    assert recorded == rows, "`make recording` records again"
    assert RECORDING["tables"].keys() == {
        widget["properties"]["title"] for widget in widgets if widget["type"] == "log"
    }


def test_every_metric_of_the_dashboard_was_measured_while_the_system_ran(
    widgets: list[dict[str, Any]],
) -> None:
    silent = set()
    for widget in widgets:
        title = widget["properties"].get("title", "")
        if title in RECORDING["series"]:
            for row, values in zip(widget["properties"]["metrics"], RECORDING["series"][title], strict=True):
                if len(row) > 1 and all(value is None for value in values):
                    silent.add(row[1])

    assert silent == ABSENT
    assert {series.name for series in series_of(widgets)} >= ABSENT


def test_the_recording_shows_the_faults_that_it_names() -> None:
    notifications, duplicates = RECORDING["series"]["Notifications"]
    faults = {what: at // RECORDING["period_seconds"] for at, what in RECORDING["faults"]}
    refused = RECORDING["series"]["Failures"][2]

    down = faults["the queue is down"]
    assert sum(filter(None, refused[down : down + 3])) > 0
    stopped = next(at for what, at in faults.items() if what.startswith("the worker stops"))
    assert not any(notifications[stopped + 1 : stopped + 4])
    doubled = faults["messages come twice"]
    assert sum(filter(None, duplicates[doubled : doubled + 3])) >= 5


def test_nothing_of_the_machine_or_its_people_is_in_the_recording() -> None:
    text = (ROOT / "infra/sample-metrics.json").read_text(encoding="utf-8")

    assert not re.search(r"/(home|work|tmp|root|Users)/|@|127\.0\.0\.1|\d{4}-\d\d-\d\dT", text)
    assert len(text) < 40_000
