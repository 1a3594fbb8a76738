"""Computes the needs of a load from its events an hour: arithmetic, nothing else.

Arrivals are a Poisson process. By Little's law, rate x duration environments are busy on average; as many are
started as suffice 99.9 % of the time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.growth.deployment import Assumptions, Deployment
from benchmarks.growth.units import Units, Work

#: Recipients of one outbox row (OutboxSettings.recipients_per_row).
RECIPIENTS_PER_ROW = 1_000
_RARE = 0.001


@dataclass(frozen=True, slots=True)
class Plan:
    """The needs of a load. Rates are per second; `acu` and the numbers of environments are not capped.

    `worker_busy_at_least`: the number of busy workers if all batches were full.
    """

    events_per_hour: float
    participants: int
    api_ms: float
    api_busy: float
    api_environments: int
    batch: float
    worker_ms: float
    worker_busy: float
    worker_busy_at_least: float
    worker_environments: int
    messages_per_second: float
    queue_requests_per_second: float
    database_processors: float
    acu: float
    wal_bytes_per_second: float
    stored_bytes_per_second: float

    @property
    def connections(self) -> int:
        """Return one for each environment, and the relay's."""
        return self.api_environments + self.worker_environments + 1

    @property
    def notifications_per_second(self) -> float:
        """Return the rate of rows that the worker writes."""
        return self.events_per_hour / 3600 * self.participants


def make_plan(units: Units, deployment: Deployment, assumptions: Assumptions, events_per_hour: float) -> Plan:
    """Return the needs of `events_per_hour`, with the workers allowed, or more if those are too few."""
    rate = events_per_hour / 3600
    messages = rate * messages_per_event(units.participants)
    api_ms = on_lambda(units.api, deployment.api_memory_mb, units.api_trips, assumptions)
    batch = find_batch(units, deployment, assumptions, messages)
    work = units.batch(batch)
    worker_ms = _worker_ms(units, deployment, assumptions, batch)
    worker_busy = messages / batch * worker_ms / 1000
    full = deployment.batch_size
    # While all are busy, messages wait and batches grow.
    worker_environments = max(
        min(count_environments(worker_busy), deployment.worker_concurrency), math.ceil(worker_busy)
    )
    processors = rate * units.api.database_cpu_ms / 1000 + messages / batch * work.database_cpu_ms / 1000
    # Each send takes up to ten messages; each batch is received and deleted by one request each.
    sends = rate * math.ceil(messages_per_event(units.participants) / 10)
    empty = assumptions.pollers / assumptions.poll_seconds
    return Plan(
        events_per_hour=events_per_hour,
        participants=units.participants,
        api_ms=api_ms,
        api_busy=rate * api_ms / 1000,
        api_environments=count_environments(rate * api_ms / 1000),
        batch=batch,
        worker_ms=worker_ms,
        worker_busy=worker_busy,
        worker_busy_at_least=messages / full * _worker_ms(units, deployment, assumptions, full) / 1000,
        worker_environments=worker_environments,
        messages_per_second=messages,
        queue_requests_per_second=sends + 2 * messages / batch + max(0.0, empty - messages / batch),
        database_processors=processors,
        acu=max(deployment.minimum_acu, count_acu(processors, assumptions)),
        wal_bytes_per_second=rate * units.api.wal_bytes + messages / batch * work.wal_bytes,
        stored_bytes_per_second=rate * units.api.stored_bytes + messages / batch * work.stored_bytes,
    )


def messages_per_event(participants: int) -> int:
    """Return one for each outbox row."""
    return math.ceil(participants / RECIPIENTS_PER_ROW)


def on_lambda(work: Work, memory_mb: int, trips: float, assumptions: Assumptions) -> float:
    """Return the call's milliseconds on Lambda: with less processor, and a network before the database."""
    share = min(1.0, memory_mb / assumptions.memory_of_a_processor_mb) * assumptions.core_ratio
    waiting = max(0.0, work.elapsed_ms - work.cpu_ms)
    return work.cpu_ms / share + waiting + trips * assumptions.round_trip_ms


def find_batch(units: Units, deployment: Deployment, assumptions: Assumptions, messages: float) -> float:
    """Return the mean number of messages in a batch: one while pollers wait, more once workers are busy."""
    low, high = 1.0, float(deployment.batch_size)

    def keeps_up(batch: float) -> bool:
        duration = _worker_ms(units, deployment, assumptions, batch) / 1000
        return deployment.worker_concurrency * batch / duration >= messages

    if keeps_up(low):
        return low
    if not keeps_up(high):
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if keeps_up(middle) else (middle, high)
    return high


def count_environments(busy: float) -> int:
    """Return the number of environments that suffices 99.9 % of the time; at least one."""
    if busy > 100:
        # The normal distribution's 99.9 % quantile; the sum below would underflow.
        return math.ceil(busy + 3.09 * math.sqrt(busy))
    probability = below = math.exp(-busy)
    count = 0
    while below < 1 - _RARE:
        count += 1
        probability *= busy / count
        below += probability
    return max(1, count)


def count_acu(processors: float, assumptions: Assumptions) -> float:
    """Return the capacity units, in halves, of which `processors` are the busy share."""
    needed = processors / assumptions.core_ratio / assumptions.busy_share / assumptions.processors_per_acu
    return math.ceil(needed * 2) / 2


def find_ceilings(units: Units, deployment: Deployment, assumptions: Assumptions) -> Mapping[str, float]:
    """Return the events an hour above which a limit is reached, by the parameter that sets it."""
    api_ms = on_lambda(units.api, deployment.api_memory_mb, units.api_trips, assumptions)
    per_event = messages_per_event(units.participants)
    full = units.batch(deployment.batch_size)
    batch_ms = _worker_ms(units, deployment, assumptions, deployment.batch_size)
    worker_seconds = batch_ms / 1000 * per_event / deployment.batch_size
    database_ms = units.api.database_cpu_ms + full.database_cpu_ms * per_event / deployment.batch_size
    processors = assumptions.processors_per_acu * assumptions.busy_share * assumptions.core_ratio
    return {
        "ThrottlingRate": deployment.throttling_rate * 3600,
        "ApiConcurrency": deployment.api_concurrency / api_ms * 1000 * 3600,
        "NotificationMaximumConcurrency": deployment.worker_concurrency / worker_seconds * 3600,
        "DatabaseMaximumCapacity": deployment.maximum_acu * processors / database_ms * 1000 * 3600,
    }


def _worker_ms(units: Units, deployment: Deployment, assumptions: Assumptions, batch: float) -> float:
    return on_lambda(units.batch(batch), deployment.worker_memory_mb, units.worker_trips, assumptions)
