"""Reads and writes results.json, the results of a run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.goals import GOALS
from benchmarks.results import Missing, Row, Verdict, judge

_OF_A_ROW = ("measure", "system", "unit", "value", "rounds")


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a run. `seconds`: the time of each measure; measures in `failed` ended with an error."""

    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    quick: bool
    rows: Sequence[Row]
    missing: Sequence[Missing]
    seconds: Mapping[str, float]
    failed: Sequence[str] = ()

    def verdicts(self) -> list[Verdict]:
        """Return the verdicts on all goals, in their order."""
        return [judge(goal, self.rows) for goal in GOALS]

    def find(self, measure: str, system: str, **parameters: str | int) -> float | None:
        """Return the value of a row, by its measure, system and parameters."""
        for row in self.rows:
            if (row.measure, row.system) == (measure, system) and dict(row.parameters) == parameters:
                return row.value
        return None

    def write(self, path: Path) -> None:
        """Write JSON with one row a line, so that a diff of two runs is readable."""
        rows = ",\n    ".join(json.dumps(row.as_json(), ensure_ascii=False) for row in self.rows)
        goals = ",\n    ".join(
            json.dumps(verdict.as_json(), ensure_ascii=False) for verdict in self.verdicts()
        )
        rest = {
            "machine": self.machine,
            "versions": self.versions,
            "quick": self.quick,
            "seconds": self.seconds,
            "failed": list(self.failed),
            "missing": [asdict(each) for each in self.missing],
        }
        head = json.dumps(rest, ensure_ascii=False, indent=2).removesuffix("\n}")
        text = f'{head},\n  "goals": [\n    {goals}\n  ],\n  "rows": [\n    {rows}\n  ]\n}}\n'
        path.write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that `write` has written. Raises OSError, or ValueError for other content."""
        document = json.loads(path.read_text(encoding="utf-8"))
        try:
            return cls(
                document["machine"],
                document["versions"],
                document["quick"],
                [_read_row(row) for row in document["rows"]],
                [Missing(**each) for each in document["missing"]],
                document["seconds"],
                tuple(document["failed"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} does not hold the results of a run: {error}") from error


def _read_row(document: Mapping[str, Any]) -> Row:
    parameters = {key: value for key, value in document.items() if key not in _OF_A_ROW}
    return Row(document["measure"], document["system"], document["unit"], document["rounds"], parameters)
