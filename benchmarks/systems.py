"""A system that takes meetings over HTTP and tells their participants, as the measures see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil


class MissingError(Exception):
    """This machine has not got what a system needs; the message says what, and how to get it."""


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """One that is running, and answers.

    `url` is its root: POST {url}/v1/events with `headers`. `count_notifications` counts all rows of its
    notifications, on a connection that is kept; `clear_notifications` empties their table, when nothing is
    under way. `list_processes` gives the ids of the processes that run now: the server, then its
    workers, without their children (see `find_processes`), a database or a broker. `kill` ends all of them at
    once, as the loss of a machine does, and `restart` starts them again and returns when they answer.
    """

    name: str
    url: str
    headers: Mapping[str, str]
    count_notifications: Callable[[], int]
    clear_notifications: Callable[[], None]
    list_processes: Callable[[], Sequence[int]]
    kill: Callable[[], None]
    restart: Callable[[], None]

    def find_processes(self) -> list[psutil.Process]:
        """All its processes, with their children."""
        roots = [psutil.Process(id_) for id_ in self.list_processes()]
        return [process for root in roots for process in (root, *root.children(recursive=True))]

    def measure_cpu_seconds(self) -> float:
        """Processor time that its processes have taken since they were started, user and system."""
        seconds = 0.0
        for process in self.find_processes():
            times = process.cpu_times()
            seconds += times.user + times.system
        return seconds
