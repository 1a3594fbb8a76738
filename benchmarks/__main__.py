"""The command: measure, judge, write.

`python -m benchmarks [--quick] [--only NAME …] [--rounds N] [--output FILE]`
A run of everything writes benchmarks/results.json and docs/benchmarks.md; a run of some measures writes only
to --output. Exit status 1 if a measure failed; a goal that is not met is printed, and is no error.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.growth.units import NotMeasuredError
from benchmarks.growth.writing import write_growth
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.report.paths import RESULTS
from benchmarks.report.verdicts import describe_changes, describe_verdicts
from benchmarks.report.writing import write_report
from benchmarks.results_file import Results
from benchmarks.running import choose, run
from benchmarks.servers import describe_servers


def main() -> int:
    """Run the measures and write their results; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Convoke against its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller tables: two minutes")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="run only these measures")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of each measure")
    parser.add_argument("--output", type=Path, metavar="FILE", help="file for the results")
    given = parser.parse_args()
    try:
        measures = choose(given.only)
    except LookupError as error:
        parser.error(error.args[0])

    machine = describe_machine()
    outcome = run(measures, quick=given.quick, rounds=given.rounds)
    versions = describe_versions(describe_servers())
    results = Results(
        machine,
        versions,
        given.quick,
        outcome.rows,
        outcome.missing,
        outcome.seconds,
        tuple(outcome.failed),
    )

    output = given.output or (None if given.only else RESULTS)
    before = _read_last()
    if output is not None:
        results.write(output)
        print(f"wrote {output.name}")
    if output == RESULTS:
        write_report(results)
        _write_growth(results)
    elif output is None:
        for row in results.rows:
            print(row.as_json())
    print("\n".join(describe_verdicts(results)))
    if before is not None and not given.only:
        print("\n".join(describe_changes(before, results)))
    if outcome.failed:
        print(f"FAILED: {', '.join(outcome.failed)}", file=sys.stderr)
    return 1 if outcome.failed else 0


def _read_last() -> Results | None:
    try:
        return Results.read(RESULTS)
    except (OSError, ValueError):
        return None


def _write_growth(results: Results) -> None:
    try:
        write_growth(results)
    except NotMeasuredError as error:
        print(f"no docs/growth.md: {error}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
