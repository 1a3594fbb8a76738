"""Writes the report's files from results."""

import sys

from benchmarks.report.document import make_document
from benchmarks.report.paths import ANALYSIS, DOCUMENT, METHOD
from benchmarks.report.plots import draw_plots
from benchmarks.results_file import Results


def write_report(results: Results) -> None:
    """Write docs/benchmarks.md and its plots; plots that cannot be drawn here are left out."""
    plots = draw_plots(results)
    document = make_document(
        results, analysis=ANALYSIS.read_text("utf-8"), method=METHOD.read_text("utf-8"), plots=plots
    )
    DOCUMENT.write_text(document, encoding="utf-8")
    print(f"wrote docs/{DOCUMENT.name} and {len(plots)} plots", file=sys.stderr)
