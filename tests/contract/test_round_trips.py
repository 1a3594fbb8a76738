"""The statements and queue calls of a creation and of a delivery: constant, whatever the number of people.

Counted on the wire, not timed: a network costs its latency once for each round trip.
"""

from collections.abc import Iterator

import pytest

from benchmarks.measures.counting import Counts
from benchmarks.measures.round_trips import CREATE, FIRST_USE, WORKER_BATCH, count_all
from benchmarks.world import World, make_world

_MOST = 1_000


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with make_world(_MOST, durable=False) as world:
        yield world


@pytest.fixture(scope="module", params=[1, _MOST])
def counts(world: World, request: pytest.FixtureRequest) -> dict[str, Counts]:
    """By system, for one participant and for a thousand."""
    return count_all(world, request.param)


def test_a_creation_is_one_statement_one_round_trip_and_one_call_of_the_queue(
    counts: dict[str, Counts],
) -> None:
    assert counts[CREATE] == Counts(statements=1, round_trips=1, queue_calls=1)


def test_the_first_use_by_a_new_person_for_new_people_is_three_statements(counts: dict[str, Counts]) -> None:
    assert counts[FIRST_USE] == Counts(statements=3, round_trips=5, queue_calls=1)


def test_a_batch_of_ten_messages_is_delivered_by_two_statements(counts: dict[str, Counts]) -> None:
    # BEGIN and COMMIT are a trip each.
    assert counts[WORKER_BATCH] == Counts(statements=2, round_trips=4, queue_calls=0)
