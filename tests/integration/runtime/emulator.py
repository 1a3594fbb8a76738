"""Lambda's runtime without Lambda: the Runtime Interface Emulator that comes with the SAM CLI, and the
runtime's own client, on a built artifact.

The function runs as on Lambda: working and importing from its artifact, then the layers, then what the
runtime brings, and nothing else of this machine.
"""

import http.client
import json
import os
import platform
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from convoke_local.processes.children import start_child
from convoke_local.processes.ports import HOST, find_free_port
from support.processes import wait_until

_ROOT = Path(__file__).parents[3]
_PROGRAM = _ROOT / ".tools/sam/lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"
_PATH = "/2015-03-31/functions/function/invocations"
_INIT_REPORT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")

#: Why the tests of this folder are skipped; empty where they run.
MISSING = (
    "" if sys.platform == "linux" and platform.machine() == "x86_64" else "the emulator runs on Linux x86-64"
)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A built function: its folder, and what comes after it on the search path."""

    name: str
    handler: str
    folder: Path
    layers: tuple[Path, ...]
    runtime: Path


class Emulator:
    """One execution environment of a function, which starts at its first invocation."""

    def __init__(self, port: int, log: Path) -> None:
        self._port = port
        self._log = log

    def invoke(self, event: Any, *, within_seconds: float = 60) -> Any:
        """The function's result. Fails the test when the response is not JSON, or is an error."""
        response = self.invoke_raw(event, within_seconds=within_seconds)
        try:
            result = json.loads(response)
        except ValueError:
            pytest.fail(f"the emulator answered {response!r}\n{self.read_log()}")
        assert not (isinstance(result, dict) and "errorMessage" in result), result
        return result

    def invoke_raw(self, event: Any, *, within_seconds: float = 60) -> str:
        """The emulator's response as it is; one invocation at a time."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=within_seconds)
        try:
            connection.request("POST", _PATH, json.dumps(event).encode())
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def read_log(self) -> str:
        """The output of emulator and function."""
        return self._log.read_text("utf-8", "replace")

    def init_milliseconds(self) -> list[float]:
        """How long each initialisation took, as the emulator reports it."""
        return [float(it) for it in _INIT_REPORT.findall(self.read_log())]


def make_command(artifact: Artifact) -> list[str]:
    """The command that Lambda starts: the runtime's client, with the handler's name."""
    # -S leaves out the site-packages of the interpreter.
    return [sys.executable, "-S", "-m", "awslambdaric", artifact.handler]


def make_environment(artifact: Artifact, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that Lambda sets, and the function's own."""
    search_path = [artifact.folder, *(layer / "python" for layer in artifact.layers), artifact.runtime]
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(map(str, search_path)),
        "LAMBDA_TASK_ROOT": str(artifact.folder),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_FUNCTION_NAME": artifact.name,
        **variables,
    }


@contextmanager
def run_emulator(
    artifact: Artifact, variables: Mapping[str, str], log: Path, *, timeout_seconds: float, memory_mb: int
) -> Iterator[Emulator]:
    """The emulator with one function, for the length of the block; its timeout ends an invocation."""
    port, runtime_port = find_free_port(), find_free_port()
    environment = make_environment(artifact, variables) | {
        "AWS_LAMBDA_FUNCTION_TIMEOUT": f"{timeout_seconds:.0f}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
    }
    child = start_child(
        [
            _PROGRAM,
            *("--runtime-interface-emulator-address", f"{HOST}:{port}"),
            *("--runtime-api-address", f"{HOST}:{runtime_port}"),
            *make_command(artifact),
        ],
        log=log,
        environment=environment,
    )
    try:
        wait_until(lambda: _responses(port) or child.exit_status() is not None)
        assert child.exit_status() is None, log.read_text("utf-8", "replace")
        yield Emulator(port, log)
    finally:
        child.stop()


def _responses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
