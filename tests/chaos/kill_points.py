"""Kills a function's process at named places, by order of the harness.

An order to kill is a file in a folder; the first process that passes and removes it kills itself, so that
each order kills one process and can be counted.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

#: The variable that names the folder, in the functions' environment.
FOLDER_VARIABLE = "CHAOS_KILL_FOLDER"

KILL_POINTS = (
    "kill.api.before_commit",
    "kill.api.after_commit",
    "kill.api.after_send",
    "kill.worker.before_claim",
    "kill.worker.before_commit",
    "kill.worker.after_commit",
    "kill.relay.before_commit",
    "kill.relay.after_commit",
    "kill.relay.after_send",
)


class KillOrders:
    """The orders, on the harness's side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._given: dict[str, int] = dict.fromkeys(KILL_POINTS, 0)
        folder.mkdir(parents=True, exist_ok=True)

    def give(self, point: str) -> None:
        """Kill the next process that passes `point`; do nothing while an earlier order is pending."""
        path = self._folder / point
        if not path.exists():
            self._given[point] += 1
            path.touch()

    def withdraw(self) -> None:
        """Remove pending orders."""
        for point in KILL_POINTS:
            try:
                (self._folder / point).unlink()
            except FileNotFoundError:
                continue
            self._given[point] -= 1

    def counts(self) -> Mapping[str, int]:
        """Return the number of processes killed at each point."""
        return {
            point: given - (self._folder / point).exists() for point, given in sorted(self._given.items())
        }


def pass_point(point: str, environment: Mapping[str, str] = os.environ) -> None:
    """Kill this process if there is an order, on the function's side."""
    folder = environment.get(FOLDER_VARIABLE)
    if folder is None:
        return
    try:
        os.unlink(os.path.join(folder, point))
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def around_commit(
    transaction: Callable[[Any], AbstractContextManager[Any]], function: str
) -> Callable[[Any], AbstractContextManager[Any]]:
    """Wrap `convoke.database.transactions.transaction` with points before and after its commit."""

    @contextmanager
    def watched(engine: Any) -> Iterator[Any]:
        with transaction(engine) as connection:
            yield connection
            pass_point(f"kill.{function}.before_commit")
        pass_point(f"kill.{function}.after_commit")

    return watched


def around_call(call: Callable[..., Any], *, before: str = "", after: str = "") -> Callable[..., Any]:
    """Wrap a function with a point before it, after it, or both."""

    def watched(*arguments: Any, **named: Any) -> Any:
        if before:
            pass_point(before)
        result = call(*arguments, **named)
        if after:
            pass_point(after)
        return result

    return watched
