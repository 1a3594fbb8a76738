"""The simulation, on courses that can be followed by hand."""

from itertools import pairwise
from statistics import mean

import pytest
from unit.benchmarks.samples import API, FULL, SINGLE

from benchmarks.growth.checks import compute_flat_rate
from benchmarks.growth.courses import RealRun
from benchmarks.growth.simulation import Stations, draw_arrivals, simulate
from benchmarks.growth.units import Units, Work


def _stations(
    *, api_environments: int = 1, workers: int = 1, batch_size: int = 10, sent_early: float = 0
) -> Stations:
    return Stations(
        api_environments,
        1,
        workers,
        batch_size,
        batch_seconds=lambda messages: 3 + messages / 10,
        sent_early_seconds=sent_early,
    )


def test_an_event_alone_waits_for_nobody() -> None:
    course = simulate([5], _stations())

    assert (course.responses, course.durables, course.batches) == ([1], pytest.approx([4.1]), [1])


def test_a_request_waits_for_the_one_before_it() -> None:
    assert simulate([0, 0.25], _stations()).responses == [1, 1.75]
    assert simulate([0, 0.25], _stations(api_environments=2)).responses == [1, 1]


def test_messages_that_came_while_the_worker_was_busy_make_one_batch() -> None:
    # The first is taken alone at 1 and is done at 4.1; by then the three others have come.
    course = simulate([0, 1, 2, 3], _stations())

    assert course.batches == [1, 3]
    assert course.durables == pytest.approx([4.1, 7.4 - 1, 7.4 - 2, 7.4 - 3])
    assert course.worker_busy == pytest.approx(3.1 + 3.3)


def test_a_batch_holds_no_more_than_its_size() -> None:
    assert simulate([0] * 7, _stations(api_environments=7, batch_size=3)).batches == [3, 3, 1]


def test_two_workers_take_turns() -> None:
    course = simulate([0, 1], _stations(workers=2))

    assert course.batches == [1, 1]
    assert course.durables == pytest.approx([4.1, 4.1])


def test_the_worker_may_be_done_before_the_caller_has_its_response() -> None:
    course = simulate([0], _stations(sent_early=0.5))

    assert (course.responses, course.durables) == ([1], pytest.approx([3.6]))


def test_every_event_is_delivered_once() -> None:
    arrivals = draw_arrivals(rate=3, seconds=200)

    course = simulate(arrivals, _stations(api_environments=4, workers=2))

    assert len(course.responses) == len(course.durables) == sum(course.batches) == len(arrivals)
    assert min(course.durables) > 0


def test_workers_that_are_too_few_are_saved_by_batches() -> None:
    # 2.5 messages a second and a worker that takes 3.1 s for one, but 4 s for ten.
    course = simulate(draw_arrivals(rate=2.4, seconds=1_000), _stations(api_environments=8))

    assert course.mean_batch > 9
    assert course.worker_busy / 1_000 == pytest.approx(1, abs=0.05)


def test_arrivals_have_the_given_rate_and_are_the_same_each_time() -> None:
    arrivals = draw_arrivals(rate=10, seconds=1_000)

    assert arrivals == draw_arrivals(rate=10, seconds=1_000)
    assert arrivals == sorted(arrivals)
    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    assert mean(gaps) == pytest.approx(0.1, rel=0.05)
    assert max(arrivals) < 1_000


def test_a_machine_that_is_small_is_the_limit_before_its_environments_are() -> None:
    units = Units(10, Work(*API), Work(*SINGLE), Work(*FULL), api_trips=3, worker_trips=12)
    # An event: 3 ms of processors for the API, and (1.9 + 2.8) / 10 for its share of a batch.
    by_processors = 2 / 3.47 * 1000

    assert compute_flat_rate(RealRun("", 0, 10, 1, 4), units, 2, batch=10) == pytest.approx(400)
    assert compute_flat_rate(RealRun("", 0, 10, 1, 40), units, 2, batch=10) == pytest.approx(by_processors)
