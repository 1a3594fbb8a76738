"""Makes docs/benchmarks.md from the results of a run and a part written by hand."""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.report.sections import SECTIONS, Section
from benchmarks.report.tables import make_table
from benchmarks.report.verdicts import make_verdict_table
from benchmarks.results_file import Results

_OPENING = """\
# Benchmarks

Written by `make bench`: the figures below are from one run on one machine. The ratios apply to other
machines, the milliseconds do not."""

_QUICK = """\
**A quick run** (`make bench QUICK=1`): fewer rounds and smaller tables. It shows that everything works; use
the figures of a whole run."""


def make_document(results: Results, *, analysis: str, method: str, plots: Iterable[str]) -> str:
    """Return the document. `analysis` and `method` are Markdown and are inserted unchanged.

    `plots`: the names of existing pictures; others are not mentioned.
    """
    there = set(plots)
    verdicts = results.verdicts()
    met = sum(verdict.met is True for verdict in verdicts)
    parts = [
        _OPENING,
        *([_QUICK] if results.quick else []),
        *([f"**Failed in this run: {', '.join(results.failed)}.**"] if results.failed else []),
        f"## Goals\n\n{met} of {len(verdicts)} goals are met.",
        _lines(make_verdict_table(results)),
        analysis.strip(),
        *(part for section in SECTIONS for part in _write_section(section, results, there)),
        f"## How it is measured\n\n{method.strip()}",
        *_describe_missing(results),
        *_describe_machine(results.machine, results.versions),
        f"The whole run took {sum(results.seconds.values()) / 60:.1f} minutes.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _write_section(section: Section, results: Results, plots: set[str]) -> list[str]:
    tables = [table for table in section.tables(results.rows) if table]
    if not tables:
        return []
    picture = f"![{section.title}](benchmarks/{section.plot}.svg)" if section.plot in plots else ""
    return [f"## {section.title}", section.text, picture, *(_lines(table) for table in tables)]


def _describe_missing(results: Results) -> list[str]:
    if not results.missing:
        return []
    rows = [(each.measure, each.system, each.reason) for each in results.missing]
    table = make_table(("measure", "system", "why"), rows, text_columns={0, 1, 2})
    return ["## What could not be measured here", _lines(table)]


def _describe_machine(machine: Mapping[str, Any], versions: Mapping[str, str]) -> list[str]:
    load = " ".join(f"{value:g}" for value in machine["load_before"])
    rows = [
        ("processor", f"{machine['processor']}, {machine['cores']} cores ({machine['architecture']})"),
        ("memory", f"{machine['memory_gb']:g} GB"),
        ("system", machine["system"]),
        ("load before the run", load),
        *((name, version) for name, version in versions.items() if version),
    ]
    return ["## Machine and versions", _lines(make_table(("", ""), rows, text_columns={0, 1}))]


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
