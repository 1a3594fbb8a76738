"""Start programs that end with this process: each under a supervisor that watches a pipe from here."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SUPERVISOR = Path(__file__).with_name("supervisor.py")


@dataclass(frozen=True, slots=True)
class Account:
    """The user that a program runs as when root starts it; see `supervisor.py`."""

    user: int
    group: int
    keep_file_access: bool


class Child:
    """A running program; it ends when it is stopped, or when this process ends."""

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.name = name
        self._process = process

    def exit_status(self) -> int | None:
        """Return None while it runs; 128 and more when a signal ended it."""
        return self._process.poll()

    def stop(self) -> int:
        """End it, wait until it has ended, and return the exit status; harmless when it has ended already."""
        self._cut_lifeline()
        return self._process.wait()

    def wait(self) -> int:
        """Wait until it ends by itself; return the exit status."""
        status = self._process.wait()
        self._cut_lifeline()
        return status

    def _cut_lifeline(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()


def start_child(
    arguments: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    stop: str = "SIGTERM",
    grace_seconds: float = 10,
    account: Account | None = None,
) -> Child:
    """Start a program whose output is appended to `log`.

    `arguments[0]` is the program's path, `stop` the signal that ends it, and `grace_seconds` the time until
    it is killed then. The program is in a session of its own: Ctrl-C at the terminal reaches this process
    alone, which then ends its children in order.
    """
    command: list[str | Path] = [sys.executable, "-I", "-S", _SUPERVISOR, "--stop", stop]
    command += ["--grace", str(grace_seconds)]
    if account is not None:
        command += ["--user", str(account.user), "--group", str(account.group)]
        command += ["--keep-file-access"] if account.keep_file_access else []
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--", *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=dict(environment),
            cwd="/",
            start_new_session=True,
        )
    return Child(Path(arguments[0]).name, process)
