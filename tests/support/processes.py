"""Python programs that a test starts and kills, and what runs in a folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_PATIENCE_SECONDS = 30


@contextmanager
def run_python(
    program: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a program for the length of the block; yields its process and the first line that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def kill_at_once(*process_ids: int) -> None:
    """SIGKILL, as near to one moment as can be: those stopped first cannot clean up after the others."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process_id in process_ids:
            try:
                os.kill(process_id, number)
            except ProcessLookupError:
                continue


def wait_until(holds: Callable[[], bool]) -> None:
    """Poll until a condition holds; fails the test when that takes too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def read_processes[Read](word: str | Path, name: str, read: Callable[[psutil.Process], Read]) -> list[Read]:
    """The result of `read` for each process of the program that `find_processes` finds and still runs."""
    found = []
    for process in find_processes(word):
        with suppress(psutil.NoSuchProcess):
            found += [read(process)] if process.name() == name else []
    return found


def find_processes(word: str | Path) -> list[psutil.Process]:
    """All processes (this one apart) that have the word in their command line, or work in that folder."""
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), process.cwd()]
        except (psutil.Error, OSError):
            continue
        if process.pid != os.getpid() and any(str(word) in part for part in told):
            found.append(process)
    return found
