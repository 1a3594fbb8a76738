"""The processes of one peer, which are started, killed and started again together."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import psutil

from benchmarks.world import run_program


class Programs:
    """Commands whose processes run together, the server's first."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._commands = commands
        self._ending = ExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def run(self) -> Iterator["Programs"]:
        """Started, for the length of the block."""
        try:
            self.start()
            yield self
        finally:
            self._ending.close()

    def start(self) -> None:
        """Start them all; they need not be ready yet."""
        self._processes = [self._ending.enter_context(run_program(it, {})) for it in self._commands]

    def kill(self) -> None:
        """End them and their children with SIGKILL, all before any of them can act on it."""
        roots = [psutil.Process(process.pid) for process in self._processes]
        found = [process for root in roots for process in (root, *root.children(recursive=True))]
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for process in found:
                act(process)
        psutil.wait_procs(found[len(roots) :], timeout=10)
        self._ending.close()
        self._processes = []

    def list_ids(self) -> list[int]:
        """The ids of those that run."""
        return [process.pid for process in self._processes]

    def check(self) -> None:
        """Raise RuntimeError when one has ended by itself."""
        for process, command in zip(self._processes, self._commands, strict=True):
            if process.poll() is not None:
                raise RuntimeError(f"{command[2]} {command[3]} ended with status {process.returncode}")
