"""Runs the measures one after the other; a failing one stops no other."""

import io
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field

from benchmarks.catalogue import MEASURES, Measure
from benchmarks.results import Missing, Row
from benchmarks.world import make_world

_ROUNDS, _QUICK_ROUNDS = 3, 2
_QUICK_MOST_PEOPLE = 10_001


class _Nowhere(io.TextIOBase):
    """Discards the metrics and log lines of functions in this process, which Lambda's runtime would read.

    Not a file: loggers keep the stream, and no code would close it.
    """

    def write(self, text: str, /) -> int:
        return len(text)


_NOWHERE = _Nowhere()


@dataclass(slots=True)
class Outcome:
    """The results of a run; the measures in `failed` ended with an error."""

    rows: list[Row] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def choose(names: Sequence[str]) -> list[Measure]:
    """Return the named measures, or all, in the order of a run. Raises LookupError for an unknown name."""
    there = [measure for measure in MEASURES if measure.exists]
    unknown = set(names) - {measure.name for measure in there}
    if unknown:
        known = ", ".join(measure.name for measure in there)
        raise LookupError(f"no measure is named {', '.join(sorted(unknown))}; there are {known}")
    return [measure for measure in there if not names or measure.name in names]


def run(measures: Sequence[Measure], *, quick: bool, rounds: int | None = None) -> Outcome:
    """Run the measures, and print the time of each on standard error."""
    outcome = Outcome()
    for number, measure in enumerate(measures, start=1):
        _say(f"[{number}/{len(measures)}] {measure.name} …")
        began = time.monotonic()
        try:
            with redirect_stdout(_NOWHERE):
                results = _run_one(
                    measure, quick=quick, rounds=rounds or (_QUICK_ROUNDS if quick else _ROUNDS)
                )
        except Exception:  # noqa: BLE001 - the others are still useful; the exit status reports this one
            traceback.print_exc()
            outcome.failed.append(measure.name)
            results = []
        took = outcome.seconds[measure.name] = round(time.monotonic() - began, 1)
        outcome.rows += [result for result in results if isinstance(result, Row)]
        missing = [result for result in results if isinstance(result, Missing)]
        outcome.missing += missing
        for each in missing:
            _say(f"    missing: {each.measure} of {each.system}: {each.reason}")
        over = "" if quick or took <= measure.budget_seconds else f", over its {measure.budget_seconds:.0f} s"
        _say(f"    {'FAILED after ' if measure.name in outcome.failed else ''}{took:.1f} s{over}")
    return outcome


def _run_one(measure: Measure, *, quick: bool, rounds: int) -> list[Row | Missing]:
    function = measure.load()
    if measure.people is None:
        results: list[Row | Missing] = function(rounds=rounds, quick=quick)
    else:
        people = min(measure.people, _QUICK_MOST_PEOPLE) if quick else measure.people
        with make_world(people) as world:
            results = function(world, rounds=rounds, quick=quick)
    strangers = {result.measure for result in results} - set(measure.yields)
    if strangers:
        raise AssertionError(f"{measure.name} yields {sorted(strangers)}, which are not in the catalogue")
    return results


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
