"""Which faults strike, drawn from a seed, and how often each of them has struck."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping


class Faults:
    """Decides at each place where a fault can happen whether one does; for any number of threads.

    Each place has a sequence of draws of its own, made from the seed: with the same seed the n-th request at
    a place meets the same fault. Which request is the n-th is up to the machine.
    """

    def __init__(self, rates: Mapping[str, float], seed: int) -> None:
        """`rates`: for each fault the share of the chances that it takes, 0 to 1. Nothing is armed yet."""
        self._rates = dict(rates)
        self._seed = seed
        self._places: dict[str, random.Random] = {}
        self._forced: Counter[str] = Counter()
        self._counts: Counter[str] = Counter(dict.fromkeys(rates, 0))
        self._lock = threading.Lock()
        self._armed = False
        self.last_at = time.monotonic()

    def arm(self) -> None:
        """From here on faults strike."""
        self._armed = True

    def disarm(self) -> None:
        """From here on none strikes; what a fault has begun, it ends."""
        self._armed = False

    def force(self, fault: str, times: int = 1) -> None:
        """Let a fault strike at its next chances, armed or not."""
        with self._lock:
            self._forced[fault] += times

    def draw(self, place: str, *faults: str) -> str | None:
        """The fault, one of `faults`, that strikes at this chance; None for none. It is counted."""
        with self._lock:
            for fault in faults:
                if self._forced[fault]:
                    self._forced[fault] -= 1
                    return self._count(fault)
            if not self._armed:
                return None
            source = self._places.setdefault(place, random.Random(f"{self._seed}/{place}"))
            drawn = source.random()
            for fault in faults:
                drawn -= self._rates.get(fault, 0)
                if drawn < 0:
                    return self._count(fault)
            return None

    def count(self, fault: str) -> None:
        """Count a fault that somebody else has made happen."""
        with self._lock:
            self._count(fault)

    def _count(self, fault: str) -> str:
        self._counts[fault] += 1
        self.last_at = time.monotonic()
        return fault

    def counts(self) -> dict[str, int]:
        """How often each fault has struck, those that never did included."""
        with self._lock:
            return dict(sorted(self._counts.items()))
