"""The paths of the report's sources and files."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results.json"
ANALYSIS = Path(__file__).with_name("analysis.md")
METHOD = Path(__file__).with_name("method.md")
DOCUMENT = ROOT / "docs" / "benchmarks.md"
PLOTS = ROOT / "docs" / "benchmarks"
CHARTS_PYTHON = ROOT / ".tools" / "charts" / "bin" / "python"
