"""Finds the versions of the servers in a run."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path

from convoke_local.postgres.cluster import find_programs

from benchmarks.redis_server import find_redis
from benchmarks.systems import MissingError

_VERSION = re.compile(r"\d+(\.\d+)+")


def describe_servers() -> list[str]:
    """Return names and versions such as "postgresql 18.4", without the servers that are not installed."""
    programs = {"postgresql": find_programs() / "postgres"}
    with suppress(MissingError):
        programs["redis-server"] = find_redis()
    versions = {name: read_version(program) for name, program in programs.items()}
    return [f"{name} {version}" for name, version in versions.items() if version]


def read_version(program: str | Path) -> str:
    """Return a program's version from --version; empty if it prints none."""
    try:
        run = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - our own servers
    except (OSError, subprocess.SubprocessError):
        return ""
    found = _VERSION.search(run.stdout)
    return found[0] if found else ""
