"""Writes the report again from benchmarks/results.json, without measuring: `python -m benchmarks.report`."""

import sys

from benchmarks.report.paths import RESULTS
from benchmarks.report.writing import write_report
from benchmarks.results_file import Results


def main() -> int:
    """Write the report; return the exit status."""
    try:
        results = Results.read(RESULTS)
    except FileNotFoundError:
        print("There are no results yet: `make bench` measures.", file=sys.stderr)
        return 1
    write_report(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
