"""Starts, kills and restarts the processes of one system together."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import psutil

from benchmarks.peers.logs import read_end
from benchmarks.world import run_program


class Programs:
    """Modules of one package, each run as a process of its own that writes to a log in `folder`."""

    def __init__(
        self,
        arguments: Mapping[str, Sequence[str]],
        folder: Path,
        *,
        package: str = "benchmarks.peers",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`arguments` by the module's name within `package`, in the order of `list_ids`."""
        self._arguments = arguments
        self._folder = folder
        self._package = package
        self._variables = dict(variables or {})
        self._ending = ExitStack()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @contextmanager
    def run(self) -> Iterator[Self]:
        """Run the processes during the block."""
        try:
            self.start()
            yield self
        finally:
            self._ending.close()

    def start(self) -> None:
        """Start them all; they need not be ready yet."""
        for name, arguments in self._arguments.items():
            command = [sys.executable, "-m", f"{self._package}.{name}", str(self._log(name)), *arguments]
            self._processes[name] = self._ending.enter_context(run_program(command, self._variables))

    def kill(self) -> None:
        """End them and their children with SIGKILL, all before any of them can act on it."""
        roots = [psutil.Process(id_) for id_ in self.list_ids()]
        found = [process for root in roots for process in (root, *root.children(recursive=True))]
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for process in found:
                act(process)
        self._ending.close()
        psutil.wait_procs(found, timeout=10)
        self._processes.clear()

    def list_ids(self) -> list[int]:
        """Return the ids of the running processes."""
        return [process.pid for process in self._processes.values()]

    def check(self) -> None:
        """Raise RuntimeError if one has ended by itself."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"status {process.returncode}: {self.describe(name)}")

    def describe(self, name: str) -> str:
        """Return its name and its last output."""
        return f"{name} {self._arguments[name][0]}\n{read_end(self._log(name))}"

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"
