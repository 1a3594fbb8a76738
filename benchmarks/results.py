"""What a run has measured: rows, goals, and the verdicts on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

type Value = str | int


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of one system.

    `rounds` holds one value for each round of the run, in the order of the rounds; rows that are compared
    were measured in the same rounds, one after the other. A value is a median over its round as a rule, and
    a count where `unit` says so. `unit`: ms, s, us/row, rows/s, events/s, MB, count or usd.
    """

    measure: str
    system: str
    unit: str
    rounds: Sequence[float]
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    def as_json(self) -> dict[str, Any]:
        """The row in results.json."""
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
    """What could not be measured, and why: a program that this machine has not got."""

    measure: str
    system: str
    reason: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Names one row: its measure, system and parameters."""

    measure: str
    system: str
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def find(self, rows: Iterable[Row]) -> Row | None:
        """The row so named."""
        for row in rows:
            if (row.measure, row.system) == (self.measure, self.system) and dict(row.parameters) == dict(
                self.parameters
            ):
                return row
        return None


@dataclass(frozen=True, slots=True)
class Goal:
    """`subject` against `peer`, or a plain quantity where there is no peer."""

    name: str
    subject: Subject
    peer: Subject | None
    comparison: Literal["<=", ">="]
    bound: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The median of the rounds' ratios with their least and greatest; `ratio` is None when not measured."""

    goal: Goal
    ratio: float | None
    spread: tuple[float, float] | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None when it was not measured."""
        if self.ratio is None:
            return None
        return (
            self.ratio <= self.goal.bound if self.goal.comparison == "<=" else self.ratio >= self.goal.bound
        )

    def as_json(self) -> dict[str, Any]:
        """The verdict in results.json."""
        return {
            "name": self.goal.name,
            "ratio": self.ratio,
            "goal": f"{self.goal.comparison} {self.goal.bound:g}",
            "met": self.met,
            "spread": self.spread,
        }


def judge(goal: Goal, rows: Sequence[Row]) -> Verdict:
    """The verdict on a goal: ratios are taken within each round, where both were measured side by side."""
    subject = goal.subject.find(rows)
    peer = goal.peer.find(rows) if goal.peer is not None else None
    if subject is None or (goal.peer is not None and peer is None):
        return Verdict(goal, None, None)
    ratios = (
        list(subject.rounds)
        if peer is None
        # What takes long is measured in fewer rounds, from the first on. Nothing is so many times nothing.
        else [mine / other for mine, other in zip(subject.rounds, peer.rounds, strict=False) if other]
    )
    if not ratios:
        return Verdict(goal, None, None)
    return Verdict(goal, round(median(ratios), 4), (round(min(ratios), 4), round(max(ratios), 4)))
