"""The results of a run: rows, goals, and the verdicts on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

type Value = str | int


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of one system.

    `rounds` holds one value for each round of the run, in the order of the rounds; rows that are compared
    were measured in the same rounds, one after the other. A value is usually the median of its round,
    or a count if that is its `unit`. `unit`: ms, s, us/row, rows/s, events/s, MB, count or usd.
    """

    measure: str
    system: str
    unit: str
    rounds: Sequence[float]
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """Return the median of the rounds."""
        return median(self.rounds)

    def as_json(self) -> dict[str, Any]:
        """Return the row as in results.json."""
        return {
            "measure": self.measure,
            "system": self.system,
            **self.parameters,
            "unit": self.unit,
            "value": round(self.value, 4),
            "rounds": [round(value, 4) for value in self.rounds],
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """A row that could not be measured, with the reason: a program that this machine lacks."""

    measure: str
    system: str
    reason: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The name of one row: its measure, system and parameters."""

    measure: str
    system: str
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def find(self, rows: Iterable[Row]) -> Row | None:
        """Return the row with this name."""
        for row in rows:
            if (row.measure, row.system) == (self.measure, self.system) and dict(row.parameters) == dict(
                self.parameters
            ):
                return row
        return None


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for the ratio of `subject` to `peer`, or for a quantity without a peer."""

    name: str
    subject: Subject
    peer: Subject | None
    comparison: Literal["<=", ">="]
    bound: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The median of the rounds' ratios with their least and greatest; `ratio` is None if not measured."""

    goal: Goal
    ratio: float | None
    spread: tuple[float, float] | None

    @property
    def met(self) -> bool | None:
        """Return whether the goal is met; None if it was not measured."""
        if self.ratio is None:
            return None
        return (
            self.ratio <= self.goal.bound if self.goal.comparison == "<=" else self.ratio >= self.goal.bound
        )

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as in results.json."""
        return {
            "name": self.goal.name,
            "ratio": self.ratio,
            "goal": f"{self.goal.comparison} {self.goal.bound:g}",
            "met": self.met,
            "spread": self.spread,
        }


def judge(goal: Goal, rows: Sequence[Row]) -> Verdict:
    """Return the verdict on a goal; ratios are taken within each round, where both ran side by side."""
    subject = goal.subject.find(rows)
    peer = goal.peer.find(rows) if goal.peer is not None else None
    if subject is None or (goal.peer is not None and peer is None):
        return Verdict(goal, None, None)
    ratios = (
        list(subject.rounds)
        if peer is None
        # Long measures have fewer rounds, from the first on. A ratio of 0 to 0 is undefined.
        else [mine / other for mine, other in zip(subject.rounds, peer.rounds, strict=False) if other]
    )
    if not ratios:
        return Verdict(goal, None, None)
    return Verdict(goal, round(median(ratios), 4), (round(min(ratios), 4), round(max(ratios), 4)))
