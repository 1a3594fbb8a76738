"""Each mutant of `make mutants` still finds the code that it changes, and the check that catches it."""

import subprocess
import sys

from chaos.mutation import list_mutants
from chaos.scenarios.registry import SCENARIOS

# Each in a fork: a mutant changes the product in its process. Most of the time goes into the imports.
_APPLY = """
import importlib, os, sys
import convoke_api.app, convoke_relay.handler, convoke_worker.handler

for name in sys.argv[1:]:
    if not (child := os.fork()):  # the parent goes on with the next
        module = importlib.import_module(f"chaos.mutants.{name}")
        module.apply()
        print(name, module.CAUGHT_BY, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_each_mutant_can_be_applied_and_names_an_existing_check() -> None:
    mutants = list_mutants()

    run = subprocess.run(
        [sys.executable, "-c", _APPLY, *mutants],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "tests"},
        check=False,
    )

    catchers = dict(line.split() for line in run.stdout.splitlines())
    assert list(catchers) == mutants, run.stderr
    assert set(catchers.values()) <= {"harness", *SCENARIOS}
