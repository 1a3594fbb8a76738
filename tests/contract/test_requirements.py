"""The requirements that are deployed are those of the lock."""

import subprocess
import sys

from contract.template.expansion import ROOT


def test_the_requirements_are_those_of_the_lock() -> None:
    run = subprocess.run(
        [sys.executable, "infra/tools/requirements.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
