"""Run `convoke up` in a process of its own, with a data folder of its own and a free port."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

_CONVOKE = Path(sys.executable).with_name("convoke")


@dataclass(frozen=True)
class Outcome:
    """The exit status and output of a command."""

    status: int
    stdout: str
    stderr: str


class Cli:
    """Run the command `convoke` on one data folder. The developer's own variables have no effect.

    `launcher` begins each command line: with it root becomes another user.
    """

    def __init__(
        self, data_folder: Path, variables: Mapping[str, str], *, launcher: Sequence[str] = ()
    ) -> None:
        self.data_folder = data_folder
        self._command = [*launcher, _CONVOKE]
        self._tokens: dict[str, str] = {}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "CONVOKE_DATA_DIR": str(data_folder),
            "CONVOKE_PORT": "0",
            "CONVOKE_RELAY_TICK_SECONDS": "1",
            **variables,
        }

    def token_of(self, person: str) -> str:
        """Return a token of `person`@example.org, whose name is the capitalized word."""
        if person not in self._tokens:
            outcome = self.run("token", f"{person}@example.org", "--name", person.title())
            self._tokens[person] = outcome.stdout.strip()
        return self._tokens[person]

    def run(self, *arguments: str | Path) -> Outcome:
        """Run a command to its end."""
        done = subprocess.run(
            [*self._command, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> "Stack":
        """Start `convoke up`, and wait until it is ready."""
        process = subprocess.Popen(
            [*self._command, "up", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        stack = Stack(self, process, line.rpartition(" ")[2].strip())
        if not line.startswith("Convoke is ready at http://127.0.0.1:"):
            raise AssertionError(f"it is not ready: {line!r} {stack.kill()!r}")
        return stack


class Stack:
    """A running stack, and requests of its users over HTTP."""

    def __init__(self, cli: Cli, process: subprocess.Popen[str], url: str) -> None:
        self.cli = cli
        self.process = process
        self.url = url

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Outcome:
        """Stop it with a signal, and wait for its end."""
        self.process.send_signal(number)
        return self._collect()

    def kill(self) -> Outcome:
        """`kill -9`; harmless when it has ended."""
        self.process.kill()
        return self._collect()

    def wait(self) -> Outcome:
        """Wait until it ends by itself."""
        return self._collect()

    def _collect(self) -> Outcome:
        stdout, stderr = self.process.communicate(timeout=60)
        return Outcome(self.process.returncode, stdout, stderr)

    def request(self, person: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Send an HTTP request of `person`@example.org."""
        headers = {"authorization": f"Bearer {self.cli.token_of(person)}", **options.pop("headers", {})}
        return httpx.request(method, self.url + path, headers=headers, timeout=60, **options)

    def create_event(self, title: str, organizer: str, *participants: str) -> httpx.Response:
        """Create an event in the far future, without reminders."""
        body = {
            "title": title,
            "starts_at": "2040-05-20T10:00:00Z",
            "ends_at": "2040-05-20T11:00:00Z",
            "participant_emails": [f"{person}@example.org" for person in participants],
            "reminder_minutes": [],
        }
        return self.request(organizer, "POST", "/v1/events", json=body)

    def read_inbox(self, person: str) -> list[dict[str, Any]]:
        """Return the notifications of `person`, newest first."""
        items: list[dict[str, Any]] = self.request(person, "GET", "/v1/notifications").json()["items"]
        return items

    def read_status(self) -> dict[str, Any]:
        """Return the output of `convoke status --json`."""
        status: dict[str, Any] = json.loads(self.cli.run("status", "--json").stdout)
        return status

    def read_state(self) -> dict[str, str]:
        """Return the state file of the stack, which other commands read."""
        state: dict[str, str] = json.loads((self.cli.data_folder / "stack.json").read_text("utf-8"))
        return state


@pytest.fixture
def make_cli(tmp_path: Path) -> Callable[..., Cli]:
    """Make a `convoke` with variables of the test's choice, on a data folder of this test."""

    def make(**variables: str) -> Cli:
        return Cli(tmp_path / "data", variables)

    return make


@pytest.fixture
def cli(make_cli: Callable[..., Cli]) -> Cli:
    """Make a `convoke` on a data folder of this test."""
    return make_cli()


@pytest.fixture
def start(cli: Cli) -> Iterator[Callable[..., Stack]]:
    """Start stacks that end with the test at the latest."""
    stacks: list[Stack] = []

    def make(*arguments: str, using: Cli = cli) -> Stack:
        stacks.append(using.start(*arguments))
        return stacks[-1]

    yield make
    for stack in stacks:
        if stack.process.poll() is None:
            stack.kill()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start a stack that the tests of a module share; each has users of its own."""
    running = Cli(tmp_path_factory.mktemp("stack") / "data", {}).start()
    yield running
    running.kill()
