"""The artifacts of `make build`, built once for a test session, however many processes it has."""

import fcntl
import os
import platform
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def build_artifacts(base: pytest.TempPathFactory) -> Path:
    """The folder with the artifacts for this machine's architecture; the first call builds them."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = (base.getbasetemp().parent if is_worker else base.getbasetemp()) / "artifacts"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            command = ["infra/tools/build.sh", str(folder / "build"), "--no-cached"]
            command += ["--parameter-overrides", f"Architecture={_ARCHITECTURES[platform.machine()]}"]
            run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=300)
            assert run.returncode == 0, run.stderr
            (folder / "done").touch()
    return folder / "build"
