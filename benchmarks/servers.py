"""The versions of the servers that take part."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path

from convoke_local.postgres.cluster import find_programs

from benchmarks.redis_server import find_redis
from benchmarks.systems import MissingError

_VERSION = re.compile(r"\d+(\.\d+)+")


def describe_servers() -> list[str]:
    """Like "postgresql 18.4"; what is not there is left out."""
    programs = {"postgresql": find_programs() / "postgres"}
    with suppress(MissingError):
        programs["redis-server"] = find_redis()
    versions = {name: ask_version(program) for name, program in programs.items()}
    return [f"{name} {version}" for name, version in versions.items() if version]


def ask_version(program: str | Path) -> str:
    """What a program answers to --version; empty when it does not."""
    try:
        run = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - our own servers
    except (OSError, subprocess.SubprocessError):
        return ""
    found = _VERSION.search(run.stdout)
    return found[0] if found else ""
