"""Tries the mutants: `python -m chaos.mutants [NAME…]`. Exit status 1 if one is not caught.

Each scenario first runs on the unchanged product: its report on a mutant counts only if it reports nothing on
the product.
"""

import importlib
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pg8000
from chaos.harness import Goals, Report, run
from chaos.mutation import VARIABLE, list_mutants
from chaos.scenarios.__main__ import BROKEN
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_local.postgres.server import run_postgres
from convoke_local.sqs.server import run_sqs
from convoke_migrator.migrations import upgrade
from sqlalchemy import make_url

_HARNESS = "harness"
_SCENARIO_SECONDS = 120
#: A second seed, if the first has not caught the mutant.
_SEEDS = (11, 12)
_GOALS = Goals(seconds=6, most_seconds=20, events=30, faults=40, drain_seconds=25)


class Laboratory:
    """The servers of the scenarios; each scenario gets a database of its own."""

    def __init__(self, resources: ExitStack) -> None:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="convoke-mutants-")))
        folder.chmod(0o755)
        self._url = resources.enter_context(run_postgres(folder / "postgres", durable=False))
        self._sqs = resources.enter_context(run_sqs(folder / "sqs"))
        self._count = 0

    def try_scenario(self, name: str, mutant: str) -> tuple[int, str]:
        """Run a scenario; return its exit status and its last line."""
        self._count += 1
        url = self._make_database(f"scenario_{self._count}")
        done = subprocess.run(
            [sys.executable, "-m", "chaos.scenarios", name, url, self._sqs],
            env={**os.environ, VARIABLE: mutant},
            capture_output=True,
            text=True,
            timeout=_SCENARIO_SECONDS,
            check=False,
        )
        broken = [line for line in done.stdout.splitlines() if line.startswith("broken: ")]
        return done.returncode, (broken or done.stderr.strip().splitlines() or [""])[-1]

    def _make_database(self, name: str) -> str:
        address = make_url(self._url)
        connection = pg8000.connect(
            address.username,
            host=address.host,
            port=address.port,
            password=address.password,
            database=address.database,
        )
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
        url = address.set(database=name).render_as_string(hide_password=False)
        engine = make_engine(url, timeout_seconds=60, application_name="mutants")
        with transaction(engine) as migrating:
            upgrade(migrating)
        engine.dispose()
        return url


def main() -> int:
    """Try all mutants, or the named ones; return the exit status."""
    names = sys.argv[1:] or list_mutants()
    survivors = []
    with ExitStack() as resources:
        laboratory = Laboratory(resources)
        controls: dict[str, tuple[int, str]] = {}
        for name in names:
            module = importlib.import_module(f"chaos.mutants.{name}")
            catcher = module.CAUGHT_BY
            attempt = (
                _try_in_the_harness if catcher == _HARNESS else partial(laboratory.try_scenario, catcher)
            )
            if catcher not in controls:
                controls[catcher] = attempt("")
            status, output = attempt(name)
            caught = status == BROKEN and controls[catcher][0] == 0
            if controls[catcher][0] != 0:
                output = f"{catcher} fails without the mutant: {controls[catcher][1]}"
            print(
                f"{'caught  ' if caught else 'SURVIVED'} {name} ({module.RULE})\n           {output}",
                flush=True,
            )
            survivors += [] if caught else [name]
    print(f"{len(names) - len(survivors)} of {len(names)} mutants caught")
    return 1 if survivors else 0


def _try_in_the_harness(mutant: str) -> tuple[int, str]:
    output = ""
    # The product must pass with the first seed; a mutant may need more than one.
    for seed in _SEEDS if mutant else _SEEDS[:1]:
        with tempfile.TemporaryDirectory(prefix="convoke-mutant-") as folder:
            Path(folder).chmod(0o755)
            report = run(Path(folder), seed, _GOALS, mutant=mutant)
        output = _summarize(report)
        if report.findings:
            return BROKEN, output
    return 0, output


def _summarize(report: Report) -> str:
    counts = {name: len(found) for name, found in report.findings.items()}
    return f"{counts or 'nothing found'} in {report.events} events and {report.total_faults} faults"


if __name__ == "__main__":
    sys.exit(main())
