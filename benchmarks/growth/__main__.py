"""Writes docs/growth.md from benchmarks/results.json, without measuring: `python -m benchmarks.growth`."""

import sys

from benchmarks.growth.units import NotMeasuredError
from benchmarks.growth.writing import write_growth
from benchmarks.report.paths import RESULTS
from benchmarks.results_file import Results


def main() -> int:
    """Write the document; return the exit status."""
    try:
        write_growth(Results.read(RESULTS))
    except FileNotFoundError:
        print("There are no results yet: `make bench` measures.", file=sys.stderr)
        return 1
    except NotMeasuredError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
