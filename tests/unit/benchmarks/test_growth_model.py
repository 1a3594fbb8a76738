"""The arithmetic of the growth model, by hand."""

from dataclasses import replace
from itertools import pairwise

import pytest
from unit.benchmarks.samples import API, FULL, SINGLE, make_results, make_unit_costs

from benchmarks.growth.advice import find_changes, find_obstacles
from benchmarks.growth.cost import price_hour
from benchmarks.growth.deployment import Assumptions, Deployment, read_deployment
from benchmarks.growth.model import (
    count_acu,
    count_environments,
    find_batch,
    find_ceilings,
    make_plan,
    messages_per_event,
    on_lambda,
)
from benchmarks.growth.units import NotMeasuredError, Units, Work, read_units

UNITS = Units(10, Work(*API), Work(*SINGLE), Work(*FULL), api_trips=3, worker_trips=12)
ASSUMPTIONS = Assumptions()
DEPLOYMENT = Deployment(
    throttling_rate=500,
    api_concurrency=50,
    worker_concurrency=10,
    batch_size=10,
    minimum_acu=0.5,
    maximum_acu=8,
    database_instances=2,
    maximum_connections=200,
    # Of a vCPU's 1,769: the processor time is stretched twofold and fourfold.
    api_memory_mb=1_769 // 2,
    worker_memory_mb=1_769 // 4,
)
API_MS = 2 / (884 / 1_769) + 8 + 3
SINGLE_MS = 1 / (442 / 1_769) + 4 + 12
FULL_MS = 1.9 / (442 / 1_769) + 12.1 + 12


def test_unit_costs_are_read_from_the_results_of_a_run() -> None:
    assert read_units(make_results(make_unit_costs(10)), 10) == UNITS


def test_unit_costs_that_were_not_measured_are_asked_for() -> None:
    with pytest.raises(NotMeasuredError, match="make bench"):
        read_units(make_results(make_unit_costs(10)), 1_000)


def test_a_batch_takes_a_fixed_part_and_one_for_each_message() -> None:
    # 14 ms for ten and 5 ms for one: 1 ms for each, and 4 ms besides.
    assert [UNITS.batch(number).elapsed_ms for number in (1, 4, 10)] == pytest.approx([5, 8, 14])


def test_a_function_gets_the_share_of_a_processor_that_its_memory_buys() -> None:
    assert on_lambda(UNITS.api, DEPLOYMENT.api_memory_mb, 3, ASSUMPTIONS) == pytest.approx(API_MS)
    # From 1,769 MB on one thread runs no faster.
    assert on_lambda(UNITS.api, 3_538, 3, ASSUMPTIONS) == pytest.approx(2 + 8 + 3)


@pytest.mark.parametrize(
    ("busy", "environments"), [(0.0001, 1), (0.01, 1), (1, 5), (10, 21), (100, 132), (1_000, 1_098)]
)
def test_environments_suffice_in_all_but_one_of_a_thousand_moments(busy: float, environments: int) -> None:
    # 99.9 % quantiles of the Poisson distribution; the last one is the normal distribution's.
    assert count_environments(busy) == environments


def test_a_message_for_each_thousand_recipients() -> None:
    assert [messages_per_event(number) for number in (1, 1_000, 1_001, 10_000)] == [1, 1, 2, 10]


def test_environments_that_are_busy_follow_littles_law() -> None:
    plan = make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 36_000)

    assert plan.api_busy == pytest.approx(10 * API_MS / 1000)
    assert (plan.batch, plan.worker_busy) == (1, pytest.approx(10 * SINGLE_MS / 1000))
    assert plan.notifications_per_second == 100
    assert plan.connections == plan.api_environments + plan.worker_environments + 1


def test_batches_grow_only_when_all_workers_are_busy_and_then_as_far_as_they_must() -> None:
    one_by_one = 10 / SINGLE_MS * 1000
    at_most = 10 * 10 / FULL_MS * 1000

    assert find_batch(UNITS, DEPLOYMENT, ASSUMPTIONS, one_by_one * 0.99) == 1
    assert find_batch(UNITS, DEPLOYMENT, ASSUMPTIONS, at_most * 1.01) == 10
    batches = [
        find_batch(UNITS, DEPLOYMENT, ASSUMPTIONS, one_by_one + (at_most - one_by_one) * part / 10)
        for part in range(1, 10)
    ]
    assert all(1 < lower < higher < 10 for lower, higher in pairwise(batches))


def test_capacity_is_bought_in_halves_for_a_busy_share_of_the_processors() -> None:
    # A quarter of a processor for each unit, 70 % of it busy.
    assert [count_acu(processors, ASSUMPTIONS) for processors in (0.0875, 0.175, 0.176, 1.75)] == [
        0.5,
        1,
        1.5,
        10,
    ]


def test_a_database_that_has_little_to_do_keeps_its_minimum() -> None:
    assert make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 100).acu == 0.5


def test_the_queue_is_asked_once_to_send_and_twice_for_each_batch() -> None:
    assert make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 36_000).queue_requests_per_second == pytest.approx(30)
    # Idle pollers ask as well: five of them, each every 20 s.
    assert make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 36).queue_requests_per_second == pytest.approx(
        0.01 + 0.02 + 0.25 - 0.01
    )


def test_the_database_pays_for_creations_and_batches() -> None:
    plan = make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 36_000)

    assert plan.database_processors == pytest.approx(10 * (1 + 1) / 1000)
    assert plan.wal_bytes_per_second == pytest.approx(10 * 12_000)
    assert plan.stored_bytes_per_second == pytest.approx(10 * 8_000)


def test_each_limit_gives_way_at_its_own_rate() -> None:
    ceilings = find_ceilings(UNITS, DEPLOYMENT, ASSUMPTIONS)

    assert ceilings == pytest.approx(
        {
            "ThrottlingRate": 500 * 3600,
            "ApiConcurrency": 50 / API_MS * 1000 * 3600,
            "NotificationMaximumConcurrency": 100 / FULL_MS * 1000 * 3600,
            "DatabaseMaximumCapacity": 8 * 0.25 * 0.7 / 1.28 * 1000 * 3600,
        }
    )


def test_a_load_that_fits_needs_no_change() -> None:
    assert find_changes(make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 10_000), DEPLOYMENT) == {}


def test_what_is_turned_makes_the_load_fit() -> None:
    load = 20_000_000
    changes = find_changes(make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, load), DEPLOYMENT)

    assert set(changes) == {
        "DatabaseMaximumCapacity",
        "NotificationMaximumConcurrency",
        "ApiConcurrency",
        "ThrottlingRate",
        "DatabaseMaximumConnections",
    }
    turned = replace(
        DEPLOYMENT,
        maximum_acu=changes["DatabaseMaximumCapacity"],
        worker_concurrency=int(changes["NotificationMaximumConcurrency"]),
        api_concurrency=int(changes["ApiConcurrency"]),
        throttling_rate=changes["ThrottlingRate"],
        maximum_connections=int(changes["DatabaseMaximumConnections"]),
    )
    assert min(find_ceilings(UNITS, turned, ASSUMPTIONS).values()) > load
    assert turned.maximum_connections >= 2 * (turned.api_concurrency + turned.worker_concurrency + 1)


def test_what_no_parameter_helps_against_is_said() -> None:
    plan = make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 1_000_000_000)

    obstacles = find_obstacles(plan, find_changes(plan, DEPLOYMENT), DEPLOYMENT, ASSUMPTIONS)

    assert [text.split()[0] for text in obstacles] == ["one", "the", "8,000"]


def test_the_price_of_a_load_is_the_sum_of_what_it_uses() -> None:
    prices = {
        "http_api_request": 1e-6,
        "lambda_request": 2e-7,
        "lambda_gb_second_arm64": 1e-5,
        "sqs_request": 4e-7,
        "aurora_acu_hour": 0.12,
        "aurora_io_request": 2e-7,
        "log_gb": 0.5,
    }
    plan = make_plan(UNITS, DEPLOYMENT, ASSUMPTIONS, 36_000)

    cost = price_hour(plan, DEPLOYMENT, ASSUMPTIONS, prices)

    assert cost == pytest.approx(
        {
            "gateway": 0.036,
            "API": 36_000 * (2e-7 + API_MS / 1000 * 884 / 1024 * 1e-5),
            "worker": 36_000 * (2e-7 + SINGLE_MS / 1000 * 442 / 1024 * 1e-5),
            "queue": 30 * 3600 * 4e-7,
            "database": 0.5 * 2 * 0.12,
            "database writes": 36_000 * 12_000 / 4_096 * 2e-7,
            "logs": 72_000 * 2_000 / 1e9 * 0.5,
        }
    )


def test_the_limits_are_those_of_the_template_and_the_stage() -> None:
    prod, dev = read_deployment("prod"), read_deployment("dev")

    # Of the stage, and of the template where the stage says nothing.
    assert (prod.maximum_acu, dev.maximum_acu) == (8, 1)
    assert (prod.database_instances, dev.database_instances) == (2, 1)
    assert prod.worker_concurrency == dev.worker_concurrency == 10
    assert (prod.api_memory_mb, prod.worker_memory_mb) == (1_024, 1_024)
