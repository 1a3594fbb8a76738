"""Simulates discrete events: arrivals, API environments, the queue, workers that take waiting messages."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean


@dataclass(frozen=True, slots=True)
class Stations:
    """Servers of each kind, and their times: `batch_seconds` by the number of messages at once.

    The queue has a message `sent_early_seconds` before the caller has the response.
    """

    api_environments: int
    api_seconds: float
    workers: int
    batch_size: int
    batch_seconds: Callable[[int], float]
    sent_early_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Course:
    """The outcome of a simulation. Latencies count from the arrival, in seconds; so do the `…_busy` sums."""

    responses: Sequence[float]
    durables: Sequence[float]
    batches: Sequence[int]
    api_busy: float
    worker_busy: float

    @property
    def mean_batch(self) -> float:
        """Return the mean number of messages in a batch."""
        return mean(self.batches)


def draw_arrivals(rate: float, seconds: float, seed: int = 1) -> list[float]:
    """Return times of a Poisson process with `rate` events a second, from 0 on; the same for one seed."""
    chance = random.Random(seed)  # noqa: S311 - no secrets here
    times: list[float] = []
    at = chance.expovariate(rate)
    while at < seconds:
        times.append(at)
        at += chance.expovariate(rate)
    return times


def simulate(arrivals: Sequence[float], stations: Stations) -> Course:
    """Simulate events that arrive in this order, one message each; first come, first served."""
    responded = _serve(arrivals, stations.api_environments, stations.api_seconds)
    sent = [end - stations.sent_early_seconds for end in responded]
    order = sorted(range(len(sent)), key=sent.__getitem__)
    free = [0.0] * stations.workers
    durables = [0.0] * len(sent)
    batches: list[int] = []
    worker_busy = 0.0
    taken = 0
    while taken < len(order):
        begins = max(heapq.heappop(free), sent[order[taken]])
        batch = [it for it in order[taken : taken + stations.batch_size] if sent[it] <= begins]
        takes = stations.batch_seconds(len(batch))
        for event in batch:
            durables[event] = begins + takes - arrivals[event]
        heapq.heappush(free, begins + takes)
        worker_busy += takes
        batches.append(len(batch))
        taken += len(batch)
    responses = [end - arrival for end, arrival in zip(responded, arrivals, strict=True)]
    return Course(responses, durables, batches, len(sent) * stations.api_seconds, worker_busy)


def _serve(arrivals: Sequence[float], servers: int, seconds: float) -> list[float]:
    """Return the end of each."""
    free = [0.0] * servers
    ends = []
    for arrival in arrivals:
        end = max(heapq.heappop(free), arrival) + seconds
        heapq.heappush(free, end)
        ends.append(end)
    return ends
