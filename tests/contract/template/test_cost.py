"""`make cost` counts the template's items, at prices with a source."""

import json
import re
import subprocess
import sys
from types import ModuleType

import pytest
from contract.template.expansion import ROOT, Template
from contract.template.rules.dashboard import EMITTED
from contract.template.scripts import load_script

PRICES = json.loads((ROOT / "infra/prices.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cost() -> ModuleType:
    return load_script("cost")


def test_each_price_has_a_source_and_the_file_a_date() -> None:
    assert set(PRICES["prices"]) == set(PRICES["sources"])
    assert re.fullmatch(r"20\d\d-\d\d", PRICES["date"])


def test_a_confirmed_price_has_a_source_and_a_date_and_is_not_older() -> None:
    assert PRICES["confirmed"].keys() <= PRICES["prices"].keys()
    for name, found in PRICES["confirmed"].items():
        assert found["as_of"] > PRICES["date"], name
        assert found["by"].startswith("https://"), name


def test_the_queue_costs_what_its_requests_cost(cost: ModuleType) -> None:
    # A million events with ten participants: 30 million requests, 3 million, and 1.2 million.
    found = [round(cost.sqs_cost(shape, cost.Load(), PRICES["prices"]), 2) for shape in cost.SHAPES]

    assert found == [12.00, 1.20, 0.48]


def test_ten_thousand_participants_are_ten_messages_and_not_ten_thousand(cost: ModuleType) -> None:
    load = cost.Load(events=1, participants=10_000)

    assert [cost.count_messages(shape, load) for shape in cost.SHAPES] == [10_000, 10_000, 10]


def test_a_reminder_is_one_more_message(cost: ModuleType) -> None:
    ours = cost.SHAPES[-1]

    assert cost.count_messages(ours, cost.Load(reminders=2)) == 3 * cost.count_messages(ours, cost.Load())


def test_a_second_instance_and_zone_double_their_items(cost: ModuleType) -> None:
    def total(instances: int, zones: int) -> float:
        costs: dict[str, float] = cost.fixed_costs(
            PRICES["prices"],
            minimum_acu=0.5,
            instances=instances,
            endpoint_zones=zones,
            load=cost.Load(),
        )
        return sum(costs.values())

    assert total(2, 1) - total(1, 1) == pytest.approx(43.8)
    assert total(1, 2) - total(1, 1) == pytest.approx(7.3)


def test_metrics_and_alarms_are_those_of_the_template(cost: ModuleType, template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    looked_at = sum(
        sum("MetricStat" in metric for metric in alarm["Metrics"]) if "Metrics" in alarm else 1
        for alarm in alarms
    )

    assert looked_at == cost.ALARM_METRICS
    assert len(template.of_type("AWS::CloudWatch::CompositeAlarm")) == cost.COMPOSITES
    assert sum(map(len, EMITTED.values())) == cost.CUSTOM_METRICS


def test_the_output_states_the_prices_date_and_the_assumptions() -> None:
    run = subprocess.run(
        [sys.executable, "infra/tools/cost.py"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"List prices of {PRICES['date']}")
    assert "assumed: API 20 ms" in run.stdout
