"""Start a server on a free loopback port, and verify that it is the one that responds there."""

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
    """A running server: its name for messages, its URL, its log, and its process.

    `restart` starts it again at the same URL; None when the user must see why it ended.
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
    is_ready: Callable[[int], bool],
    log: Path,
    port_taken: bytes,
    within_seconds: float,
    port: int | None = None,
) -> tuple[int, Child]:
    """Start a server and wait until it is ready; return its port and its process.

    `port` is a fixed port; without it a free one is found. `start` starts the server there, `is_ready`
    returns whether the server that was started (and no other) responds, `port_taken` is the text that it
    writes to `log` when another program has taken the port: then another port is tried. Raises
    LocalStackError with the last line of the log when it ends, or does not respond in time.
    """
    for _ in range(_PORT_ATTEMPTS):
        already_logged = log.stat().st_size if log.exists() else 0
        chosen = find_free_port() if port is None else port
        child = start(chosen)
        try:
            if _wait(child, partial(is_ready, chosen), within_seconds):
                return chosen, child
        except BaseException:
            child.stop()
            raise
        if child.exit_status() is None:
            child.stop()
            raise LocalStackError(f"{name} did not respond within {within_seconds:.0f} s (see {log})")
        if port_taken not in log.read_bytes()[already_logged:]:
            break
    raise LocalStackError(f"{name} did not start: {last_line(log, after=already_logged)} (see {log})")


def _wait(child: Child, is_ready: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while child.exit_status() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(_POLL_SECONDS)
    return False


def last_line(log: Path, *, after: int = 0) -> str:
    """Return the last line that was written to `log` after that many bytes."""
    lines = log.read_bytes()[after:].decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")
