"""How a verdict is reached."""

import pytest

from benchmarks.results import Goal, Row, Subject, judge

_MINE = Subject("response", "mine", {"participants": 10})
_THEIRS = Subject("response", "theirs", {"participants": 10})


def _row(system: str, *rounds: float, participants: int = 10) -> Row:
    return Row("response", system, "ms", rounds, {"participants": participants})


def test_ratios_are_taken_within_each_round() -> None:
    goal = Goal("half of theirs", _MINE, _THEIRS, "<=", 0.5)

    # The machine was twice as slow in the second round, for both.
    verdict = judge(goal, [_row("mine", 4, 8, 6), _row("theirs", 10, 20, 10)])

    assert (verdict.ratio, verdict.spread, verdict.met) == (0.4, (0.4, 0.6), True)


def test_the_median_decides_and_not_the_best_round() -> None:
    goal = Goal("half of theirs", _MINE, _THEIRS, "<=", 0.5)

    verdict = judge(goal, [_row("mine", 1, 6, 7), _row("theirs", 10, 10, 10)])

    assert (verdict.ratio, verdict.met) == (0.6, False)


@pytest.mark.parametrize(("bound", "met"), [(0.9, True), (1.0, True), (1.1, False)])
def test_at_least_includes_the_bound(bound: float, met: bool) -> None:
    verdict = judge(Goal("as fast", _MINE, _THEIRS, ">=", bound), [_row("mine", 10), _row("theirs", 10)])

    assert verdict.met is met


def test_a_quantity_without_a_peer_is_held_against_the_bound_itself() -> None:
    verdict = judge(Goal("one", _MINE, None, "<=", 1), [_row("mine", 1, 1, 1)])

    assert (verdict.ratio, verdict.spread, verdict.met) == (1, (1, 1), True)


@pytest.mark.parametrize("there", [[], [_row("mine", 1)], [_row("theirs", 1)]])
def test_what_was_not_measured_is_neither_met_nor_missed(there: list[Row]) -> None:
    verdict = judge(Goal("as fast", _MINE, _THEIRS, "<=", 1), there)

    assert (verdict.ratio, verdict.spread, verdict.met) == (None, None, None)


def test_a_row_with_other_parameters_is_another_row() -> None:
    assert judge(Goal("one", _MINE, None, "<=", 1), [_row("mine", 1, participants=100)]).met is None


def test_only_rounds_that_both_took_part_in_are_compared() -> None:
    goal = Goal("as fast", _MINE, _THEIRS, "<=", 1)

    verdict = judge(goal, [_row("mine", 5, 100, 100), _row("theirs", 10)])

    assert (verdict.ratio, verdict.spread) == (0.5, (0.5, 0.5))


def test_a_peer_that_did_nothing_at_all_is_no_measure() -> None:
    goal = Goal("faster", _MINE, _THEIRS, ">=", 2)

    assert judge(goal, [_row("mine", 10, 30), _row("theirs", 0, 10)]).ratio == 3
    assert judge(goal, [_row("mine", 10, 10), _row("theirs", 0, 0)]).met is None
