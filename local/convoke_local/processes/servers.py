"""Starting a server on a free loopback port, and knowing that the one that answers is the one started."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from convoke_local.errors import LocalStackError
from convoke_local.processes.children import Child
from convoke_local.processes.ports import find_free_port

_PORT_ATTEMPTS = 5
_POLL_SECONDS = 0.02


@dataclass(slots=True)
class Server:
    """A running server: its name for messages, its URL, its log, and the process behind it.

    `restart` starts it again at the same URL; None when somebody should look at why it ended.
    """

    name: str
    url: str
    log: Path
    child: Child
    restart: Callable[[], Child] | None = None


def start_server(
    name: str,
    *,
    start: Callable[[int], Child],
    answers: Callable[[int], bool],
    log: Path,
    port_taken: bytes,
    within_seconds: float,
    port: int | None = None,
) -> tuple[int, Child]:
    """Start a server and wait until it answers; returns its port and its process.

    `port` is for a server that has to have that one; else a free one is found. `start` starts it there,
    `answers` says whether the server that was started (and no other) answers, `port_taken` is what it
    writes to `log` when somebody else was faster: then another port is tried. Raises LocalStackError with
    the last line of the log when it ends, or does not answer in time.
    """
    for _ in range(_PORT_ATTEMPTS):
        already_logged = log.stat().st_size if log.exists() else 0
        chosen = find_free_port() if port is None else port
        child = start(chosen)
        try:
            if _wait(child, partial(answers, chosen), within_seconds):
                return chosen, child
        except BaseException:
            child.stop()
            raise
        if child.exit_status() is None:
            child.stop()
            raise LocalStackError(f"{name} did not answer within {within_seconds:.0f} s (see {log})")
        if port_taken not in log.read_bytes()[already_logged:]:
            break
    raise LocalStackError(f"{name} did not start: {last_line(log, after=already_logged)} (see {log})")


def _wait(child: Child, answers: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while child.exit_status() is None and time.monotonic() < deadline:
        if answers():
            return True
        time.sleep(_POLL_SECONDS)
    return False


def last_line(log: Path, *, after: int = 0) -> str:
    """The last line that was written to `log` after that many bytes."""
    lines = log.read_bytes()[after:].decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")
