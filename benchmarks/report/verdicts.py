"""Which goals are met."""

from collections.abc import Iterable

from benchmarks.report.figures import show_ratio, show_spread
from benchmarks.report.tables import make_table
from benchmarks.results import Missing, Verdict
from benchmarks.results_file import Results

_WORDS = {True: "met", False: "NOT MET", None: "not measured"}


def describe_verdicts(results: Results) -> list[str]:
    """Lines for the terminal, what is not met again at the end; only goals of what was measured."""
    measured = {row.measure for row in results.rows} | {each.measure for each in results.missing}
    verdicts = [it for it in results.verdicts() if it.goal.subject.measure in measured]
    lines = [
        f"{_WORDS[it.met]:12} {show_ratio(it.ratio):>12} {goal.comparison} {goal.bound:<6g} {goal.name}"
        for it in verdicts
        for goal in [it.goal]
    ]
    missed = [it.goal.name for it in verdicts if it.met is False]
    met = sum(it.met is True for it in verdicts)
    lines.append(f"{met} of {len(verdicts)} goals are met, {len(missed)} are NOT MET")
    return lines + [f"NOT MET: {name}" for name in missed]


def describe_changes(before: Results, after: Results) -> list[str]:
    """Verdicts of both runs on which they do not agree, or one line that says that they do on all."""
    old = {it.goal.name: it for it in before.verdicts()}
    changed = [
        f"the last run saw it otherwise: {it.goal.name}: {_describe(old[it.goal.name])}, {_describe(it)} now"
        for it in after.verdicts()
        if it.goal.name in old and {old[it.goal.name].met, it.met} == {True, False}
    ]
    return changed or ["the last run came to the same verdicts"]


def make_verdict_table(verdicts: Iterable[Verdict], missing: Iterable[Missing]) -> list[str]:
    """A Markdown table of all goals."""
    reasons = {(each.measure, each.system): each.reason for each in missing}
    rows = [
        (
            it.goal.name,
            show_ratio(it.ratio),
            show_spread(it.spread),
            f"{'≤' if it.goal.comparison == '<=' else '≥'} {it.goal.bound:g}",
            _in_document(it, reasons),
        )
        for it in verdicts
    ]
    return make_table(("goal", "ratio", "rounds", "wanted", "verdict"), rows, text_columns={0, 4})


def _in_document(verdict: Verdict, reasons: dict[tuple[str, str], str]) -> str:
    if verdict.met is True:
        return "met"
    if verdict.met is False:
        return "**not met**"
    subjects = [verdict.goal.subject, *([verdict.goal.peer] if verdict.goal.peer else [])]
    reason = next((it for subject in subjects if (it := reasons.get((subject.measure, subject.system)))), "")
    return f"not measured: {reason}" if reason else "not measured"


def _describe(verdict: Verdict) -> str:
    return f"{_WORDS[verdict.met]} at {show_ratio(verdict.ratio)}"
