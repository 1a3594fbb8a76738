"""The rates of the faults in a run, and those that must happen at least once."""

import random
from collections.abc import Callable

from chaos.database_proxy import DATABASE_FAULTS
from chaos.kill_points import KILL_POINTS
from chaos.queue_proxy import QUEUE_FAULTS

#: Shares of the chances at each place: a call of the queue, a statement, a commit, a connection.
RATES = {
    "queue.refuse": 0.04,
    "queue.throttle": 0.04,
    "queue.black_hole": 0.015,
    "queue.drop_reply": 0.03,
    "queue.fail_entries": 0.08,
    "queue.duplicate": 0.06,
    "queue.delay": 0.06,
    "database.refuse": 0.08,
    "database.cut_before": 0.01,
    "database.hang_before": 0.001,
    "database.cut_after_commit": 0.05,
    "database.cut_after_autocommit": 0.02,
    "database.hang_after_commit": 0.008,
    "database.slow": 0.2,
}

#: The harness's own actions: the mean number of operations between two of them. By work and not by time, so
#: that a slow machine does as much between two crashes as a fast one.
CRASH, TERMINATE, EXHAUST, PURGE = "database.crash", "database.terminate", "database.exhaust", "queue.purge"
INTERVALS = {CRASH: 60, TERMINATE: 7, EXHAUST: 70, PURGE: 60, "kill": 6}

#: All fault points; a run that has not hit one has not tested it.
FAULT_POINTS = sorted({*QUEUE_FAULTS, *DATABASE_FAULTS, *KILL_POINTS, CRASH, TERMINATE, EXHAUST, PURGE})


class Schedule:
    """The times of the harness's actions, drawn from the seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"{seed}/schedule")
        self._next = {action: self._chance.uniform(0.2, 0.8) * mean for action, mean in INTERVALS.items()}

    def run_due(self, operations: int, actions: dict[str, Callable[[], object]]) -> None:
        """Run the actions that are due after this number of operations."""
        for action, due in self._next.items():
            if operations >= due:
                actions[action]()
                self._next[action] = due + self._chance.uniform(0.5, 1.5) * INTERVALS[action]
