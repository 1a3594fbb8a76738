"""Describes which goals are met."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.report.figures import show_ratio, show_spread
from benchmarks.report.tables import make_table
from benchmarks.results import Row, Verdict, judge
from benchmarks.results_file import Results

_WORDS = {True: "met", False: "NOT MET", None: "not measured"}


def describe_verdicts(results: Results) -> list[str]:
    """Return lines for the terminal: the measured goals, and again at the end those not met."""
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
    """Return the verdicts that differ between two runs, or one line if none does."""
    old = {it.goal.name: it for it in before.verdicts()}
    changed = [
        f"differs from the last run: {it.goal.name}: {_describe(old[it.goal.name])}, {_describe(it)} now"
        for it in after.verdicts()
        if it.goal.name in old and {old[it.goal.name].met, it.met} == {True, False}
    ]
    return changed or ["same verdicts as the last run"]


def find_harder_peer(verdict: Verdict, rows: Sequence[Row]) -> Verdict | None:
    """Return the verdict against the best peer of this run, if that is not the one in the goal."""
    goal = verdict.goal
    if "the best peer" not in goal.name or goal.peer is None or verdict.ratio is None:
        return None
    named, sign = goal.peer, 1 if goal.comparison == "<=" else -1
    others = [
        judge(replace(goal, peer=replace(named, system=row.system)), rows)
        for row in rows
        if (row.measure, dict(row.parameters)) == (named.measure, dict(named.parameters))
        and row.system not in (named.system, "floor")
        and not row.system.startswith("convoke")
    ]
    harder = [it for it in others if it.ratio is not None and it.ratio * sign > verdict.ratio * sign]
    return max(harder, key=lambda it: (it.ratio or 0) * sign, default=None)


def make_verdict_table(results: Results) -> list[str]:
    """Make a Markdown table of all goals."""
    reasons = {(each.measure, each.system): each.reason for each in results.missing}
    rows = [
        (
            it.goal.name,
            show_ratio(it.ratio),
            show_spread(it.spread),
            f"{'≤' if it.goal.comparison == '<=' else '≥'} {it.goal.bound:g}",
            _in_document(it, reasons) + _describe_harder(find_harder_peer(it, results.rows)),
        )
        for it in results.verdicts()
    ]
    return make_table(("goal", "ratio", "rounds", "wanted", "verdict"), rows, text_columns={0, 4})


def _describe_harder(verdict: Verdict | None) -> str:
    if verdict is None or verdict.goal.peer is None:
        return ""
    word = "" if verdict.met else ", which does not meet the goal"
    return f"; {verdict.goal.peer.system} did better here: {show_ratio(verdict.ratio)}{word}"


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
