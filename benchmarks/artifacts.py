"""The functions as they are deployed, for this machine."""

import platform
import subprocess
from pathlib import Path

from benchmarks.systems import MissingError

_ROOT = Path(__file__).parents[1]
_FOLDER = Path(".aws-sam/bench")
_SAM = _ROOT / ".tools/sam/bin/sam"
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_PATIENCE_SECONDS = 300

LAYERS = ("DependenciesLayer", "SharedLayer")


def build_functions() -> Path:
    """Build them, or what has changed of them since; returns the folder. Raises MissingError."""
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None:
        raise MissingError(f"Lambda has no {platform.machine()}")
    if not _SAM.exists():
        raise MissingError("the functions cannot be built without the SAM CLI: infra/tools/set-up.sh sam")
    command = [
        "infra/tools/build.sh",
        str(_FOLDER / "build"),
        "--cached",
        "--cache-dir",
        str(_FOLDER / "cache"),
    ]
    command += ["--parameter-overrides", f"Architecture={architecture}"]
    run = subprocess.run(  # noqa: S603 - our own program
        command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
    )
    if run.returncode != 0:
        last = run.stderr.strip().rpartition("\n")[2]
        raise MissingError(f"the functions could not be built: {last}")
    return _ROOT / _FOLDER / "build"
