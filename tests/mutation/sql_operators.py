"""Mutates SQL, as a plugin of cosmic-ray: its own operators change only Python, and most rules are in SQL.

Runs in cosmic-ray's environment and imports nothing of the project.
"""

import re
from collections.abc import Iterator
from typing import Any

from cosmic_ray.operators.operator import Example, Operator

_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|FROM|ORDER BY|FOR UPDATE)\b")


class _Replacement(Operator):
    """Replaces each match of `pattern` in the strings that hold SQL, one at a time."""

    pattern: str
    replacement: str

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if _is_sql(node):
            for _ in re.finditer(self.pattern, node.value):
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        match = list(re.finditer(self.pattern, node.value))[index]
        changed = match.expand(self.replacement)
        node.value = node.value[: match.start()] + changed + node.value[match.end() :]
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return ()


def _is_sql(node: Any) -> bool:
    if node.type not in ("string", "fstring_string") or not _SQL.search(node.value):
        return False
    # A string that is an expression statement is documentation.
    return node.parent.type != "simple_stmt"


_REPLACEMENTS = {
    "AndToOr": (r"\bAND\b", "OR"),
    "OrToAnd": (r"\bOR\b", "AND"),
    "NullToNotNull": (r"\bIS NULL\b", "IS NOT NULL"),
    "NotNullToNull": (r"\bIS NOT NULL\b", "IS NULL"),
    "ExistsToNotExists": (r"(?<!NOT )(?<!IF )\bEXISTS\b", "NOT EXISTS"),
    "NotExistsToExists": (r"\bNOT EXISTS\b", "EXISTS"),
    "EqualToUnequal": (r"\b(WHERE|AND|ON|WHEN) ([\w.]+) = ", r"\1 \2 <> "),
    "UnequalToEqual": (r" <> ", " = "),
    "AtMostToMore": (r" <= ", " > "),
    "AtLeastToLess": (r" >= ", " < "),
    "LessToAtLeast": (r" < ", " >= "),
    "MoreToAtMost": (r" > ", " <= "),
    "PlusToMinus": (r" \+ ", " - "),
    "MinusToPlus": (r" - ", " + "),
    "LeastToGreatest": (r"\bleast\(", "greatest("),
    "GreatestToLeast": (r"\bgreatest\(", "least("),
    "NoOrder": (r"\bORDER BY [^\n)]*", ""),
    "NoRowLock": (r"\bFOR (UPDATE|KEY SHARE)( OF \w+)?( SKIP LOCKED)?", ""),
    "WaitForLocks": (r" SKIP LOCKED\b", ""),
    "InnerJoin": (r"\bLEFT JOIN\b", "JOIN"),
    "NoConflictClause": (r"ON CONFLICT \([^)]*\) DO NOTHING", ""),
}


class Operators:
    """The provider for cosmic-ray: operator names, and the class of each."""

    def __init__(self) -> None:
        self._operators = {
            name: type(name, (_Replacement,), {"pattern": pattern, "replacement": replacement})
            for name, (pattern, replacement) in _REPLACEMENTS.items()
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators)

    def __getitem__(self, name: str) -> type[Operator]:
        return self._operators[name]
