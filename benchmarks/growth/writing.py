"""Writes docs/growth.md from results."""

import sys
from pathlib import Path

from benchmarks.growth.cost import read_prices
from benchmarks.growth.deployment import Assumptions, read_deployment
from benchmarks.growth.document import make_document
from benchmarks.report.paths import ROOT
from benchmarks.results_file import Results

DOCUMENT = ROOT / "docs" / "growth.md"
_HERE = Path(__file__).parent


def write_growth(results: Results) -> None:
    """Write the document. Raises NotMeasuredError if the results lack its input."""
    document = make_document(
        results,
        read_deployment(),
        Assumptions(),
        read_prices(),
        model_text=(_HERE / "model.md").read_text("utf-8"),
        relay_text=(_HERE / "relay.md").read_text("utf-8"),
    )
    DOCUMENT.write_text(document, encoding="utf-8")
    print(f"wrote docs/{DOCUMENT.name}", file=sys.stderr)
