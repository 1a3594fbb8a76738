"""Goals name what measures declare: a name that is misspelt would be "not measured" for ever."""

from benchmarks.catalogue import MEASURES, SYSTEMS
from benchmarks.goals import GOALS
from benchmarks.results import Subject

_SUBJECTS = [subject for goal in GOALS for subject in (goal.subject, goal.peer) if subject is not None]


def test_each_goal_names_measures_that_are_declared() -> None:
    declared = {name for measure in MEASURES for name in measure.yields}

    assert {subject.measure for subject in _SUBJECTS} <= declared


def test_each_goal_names_systems_that_are_declared() -> None:
    assert {subject.system for subject in _SUBJECTS} <= set(SYSTEMS)


def test_no_two_goals_have_one_name() -> None:
    names = [goal.name for goal in GOALS]

    assert len(names) == len(set(names))


def test_no_system_is_compared_with_itself_under_the_same_circumstances() -> None:
    assert [goal.name for goal in GOALS if goal.subject == goal.peer] == []


def test_no_measure_is_declared_by_two() -> None:
    yielded = [name for measure in MEASURES for name in measure.yields]

    assert len(yielded) == len(set(yielded))


def test_all_measures_together_have_fifteen_minutes() -> None:
    assert sum(measure.budget_seconds for measure in MEASURES) <= 900


def test_a_goal_on_ours_has_ours_as_its_subject() -> None:
    def is_ours(subject: Subject) -> bool:
        return subject.system.startswith("convoke")

    assert [goal.name for goal in GOALS if not is_ours(goal.subject)] == []


def test_each_measure_can_be_loaded() -> None:
    there = [measure for measure in MEASURES if measure.exists]

    assert there
    assert all(callable(measure.load()) for measure in there)
