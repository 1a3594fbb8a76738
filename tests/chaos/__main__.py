"""Runs the system under faults: `python -m chaos`. Prints a line for each seed, and the sum.

Exit status 1 if a seed fails.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from chaos.harness import Goals, Report, run
from chaos.rates import FAULT_POINTS


def main() -> int:
    """Run the seeds; return the exit status."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--seconds", type=float, default=20, help="seconds of faults for each seed")
    parser.add_argument("--most-seconds", type=float, help="limit for a seed that has not reached its share")
    parser.add_argument("--events", type=int, default=0, help="events committed in all")
    parser.add_argument("--notifications", type=int, default=0, help="notifications written in all")
    parser.add_argument("--faults", type=int, default=0, help="faults in all")
    parser.add_argument("--crashes", type=int, default=0, help="crashes of the database in all")
    parser.add_argument("--longest-drain", type=float, default=30, help="seconds up to the last delivery")
    parser.add_argument("--mutant", default="", help="a mutant to apply")
    parser.add_argument("--report", type=Path, help="file for all figures (JSON)")
    options = parser.parse_args()
    share = len(options.seeds)
    goals = Goals(
        options.seconds,
        options.most_seconds or 4 * options.seconds,
        events=-(-options.events // share),
        faults=-(-options.faults // share),
        drain_seconds=2 * options.longest_drain,
    )
    reports = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory(prefix="convoke-chaos-") as folder:
            # PostgreSQL runs as another user if root starts it.
            Path(folder).chmod(0o755)
            reports.append(run(Path(folder), seed, goals, mutant=options.mutant))
        _print(reports[-1])
    if options.report:
        options.report.write_text(json.dumps([it.as_json() for it in reports], indent=1), "utf-8")
    return _judge(reports, options)


def _print(report: Report) -> None:
    drained = f"{report.drain_seconds} s" if report.drain_seconds is not None else "never"
    print(
        f"{time.strftime('%H:%M:%S')} seed {report.seed}: {report.events} events, "
        f"{report.notifications} notifications, {report.total_faults} faults in {report.faults_seconds} s, "
        f"drained in {drained}; operations {report.operations}",
        flush=True,
    )
    for name, found in report.findings.items():
        print(f"  {name}: {len(found)}")
        for line in found[:5]:
            print(f"    {line}")


def _judge(reports: list[Report], options: argparse.Namespace) -> int:
    faults: Counter[str] = Counter()
    for report in reports:
        faults.update(report.faults)
    events = sum(report.events for report in reports)
    notifications = sum(report.notifications for report in reports)
    print(f"{events} events, {notifications} notifications, {faults.total()} faults:")
    for point in FAULT_POINTS:
        print(f"  {point:<32}{faults[point]:>6}")
    shortfalls = [
        f"{name} {have} of {want}"
        for name, have, want in (
            ("events", events, options.events),
            ("notifications", notifications, options.notifications),
            ("faults", faults.total(), options.faults),
            ("crashes", faults["database.crash"], options.crashes),
        )
        if have < want
    ]
    if options.faults:
        shortfalls += [f"{point} was never hit" for point in FAULT_POINTS if not faults[point]]
    shortfalls += [
        f"seed {it.seed} drained too late"
        for it in reports
        if it.drain_seconds is None or it.drain_seconds > options.longest_drain
    ]
    found = Counter({name: len(lines) for it in reports for name, lines in it.findings.items()})
    print(f"lost {found['lost']}, duplicate {found['duplicate']}, phantom {found['phantom']}", end="")
    print(f", disorder {found['disorder']}, outbox {found['outbox']}, surprises {found['surprises']}")
    for shortfall in shortfalls:
        print(f"not reached: {shortfall}")
    return 1 if found or shortfalls else 0


if __name__ == "__main__":
    sys.exit(main())
