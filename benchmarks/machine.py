"""Describes the machine of a run, without names of host, user or folder."""

import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

_ROOT = Path(__file__).parents[1]
_PACKAGES = (
    "fastapi",
    "mangum",
    "uvicorn",
    "sqlalchemy",
    "pg8000",
    "boto3",
    "aws-lambda-powertools",
    "celery",
    "redis",
    "procrastinate",
    "psycopg",
)


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, memory, system, and the load before the run (1, 5 and 15 minutes)."""
    return {
        "processor": find_processor(_read_lines(Path("/proc/cpuinfo"))) or platform.processor(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }


def describe_versions(servers: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions of Python, packages and `servers` (each "name version"), and the commit."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    for server in servers:
        name, _, number = server.partition(" ")
        versions[name] = number
    versions["commit"] = describe_commit()
    return versions


def describe_commit() -> str:
    """Return the commit's short hash, with "+" if files differ from it; empty outside a checkout."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],  # noqa: S607 - git of the user's PATH
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout.strip()


def find_processor(lines: Iterable[str]) -> str:
    """Return the model in /proc/cpuinfo; empty if it names none."""
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model"):
            return value.strip()
    return ""


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
