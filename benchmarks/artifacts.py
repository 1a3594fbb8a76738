"""Builds the functions as they are deployed, for this machine."""

import hashlib
import platform
import subprocess
from pathlib import Path

from benchmarks.systems import MissingError

_ROOT = Path(__file__).parents[1]
_FOLDER = Path(".aws-sam/bench")
_SAM = _ROOT / ".tools/sam/bin/sam"
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_SOURCES = (
    "functions/**/*",
    "layers/**/*",
    "infra/template.yaml",
    "infra/tools/*",
    "uv.lock",
)
_PATIENCE_SECONDS = 300

LAYERS = ("DependenciesLayer", "SharedLayer")


def build_functions() -> Path:
    """Build the functions if their sources have changed; return the folder. Raises MissingError."""
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None:
        raise MissingError(f"Lambda has no {platform.machine()}")
    if not _SAM.exists():
        raise MissingError("the functions cannot be built without the SAM CLI: infra/tools/set-up.sh sam")
    folder, made_from = _ROOT / _FOLDER / "build", _ROOT / _FOLDER / "made-from"
    sources = _hash_sources()
    if made_from.exists() and made_from.read_text("ascii") == sources:
        return folder
    made_from.unlink(missing_ok=True)
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
    made_from.write_text(sources, "ascii")
    return folder


def _hash_sources() -> str:
    """Return a hash of all files that go into the artifacts, and of the build's own."""
    files = [
        path
        for pattern in _SOURCES
        for path in sorted(_ROOT.glob(pattern))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    digest = hashlib.sha256(platform.machine().encode())
    for path in files:
        digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
