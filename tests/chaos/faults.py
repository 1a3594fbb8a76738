"""Draws faults from a seed, and counts them."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping


class Faults:
    """Decides at each place of a possible fault whether one happens; for any number of threads.

    Each place has a sequence of draws of its own, made from the seed: with the same seed the n-th request at
    a place gets the same fault. The machine decides which request is the n-th.
    """

    def __init__(self, rates: Mapping[str, float], seed: int) -> None:
        """`rates`: the share of chances of each fault, 0 to 1. The faults are not armed yet."""
        self._rates = dict(rates)
        self._seed = seed
        self._places: dict[str, random.Random] = {}
        self._forced: Counter[str] = Counter()
        self._counts: Counter[str] = Counter(dict.fromkeys(rates, 0))
        self._lock = threading.Lock()
        self._armed = False
        self.last_at = time.monotonic()

    def arm(self) -> None:
        """Begin to inject faults."""
        self._armed = True

    def disarm(self) -> None:
        """Stop injecting faults; those in progress end normally."""
        self._armed = False

    def force(self, fault: str, times: int = 1) -> None:
        """Inject a fault at its next chances, armed or not."""
        with self._lock:
            self._forced[fault] += times

    def draw(self, place: str, *faults: str) -> str | None:
        """Draw and count one of `faults` for this chance; None for none."""
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
        """Count a fault that was injected elsewhere."""
        with self._lock:
            self._count(fault)

    def _count(self, fault: str) -> str:
        self._counts[fault] += 1
        self.last_at = time.monotonic()
        return fault

    def counts(self) -> dict[str, int]:
        """Return the count of each fault, zeros included."""
        with self._lock:
            return dict(sorted(self._counts.items()))
