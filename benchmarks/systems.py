"""The measures' view of a system that takes events over HTTP and notifies their participants."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil


class MissingError(Exception):
    """This machine lacks a program that a system needs; the message names it, and how to get it."""


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """A running system that responds to requests.

    `url` is its root: POST {url}/v1/events with `headers`. `count_notifications` counts all rows of its
    notifications, on a connection that is kept; `clear_notifications` empties their table, while no request
    is being processed. `list_processes` gives the ids of the processes that run now: the server, then its
    workers, without their children (see `find_processes`), a database or a broker. `kill` ends all of them at
    once, as the loss of a machine does, and `restart` starts them again and returns when they respond.
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
        """Return all its processes, with their children."""
        roots = [psutil.Process(id_) for id_ in self.list_processes()]
        return [process for root in roots for process in (root, *root.children(recursive=True))]

    def measure_cpu_seconds(self) -> float:
        """Return the processor time of its processes since they were started, user and system."""
        seconds = 0.0
        for process in self.find_processes():
            times = process.cpu_times()
            seconds += times.user + times.system
        return seconds
