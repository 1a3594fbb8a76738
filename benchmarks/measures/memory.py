"""Measures the peak memory of the functions, each in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from convoke.database.transactions import transaction
from convoke.messages import DeliveryMessage
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS
from sqlalchemy import text

from benchmarks.measures.deliveries import make_batches, make_sqs_event
from benchmarks.ours.applications import make_body, make_event
from benchmarks.ours.functions import HOURLY_QUOTA, QUOTA, find_queues
from benchmarks.results import Row
from benchmarks.world import World, make_world, run_delayed_queue

_NUMBERS, _QUICK_NUMBERS = (1, 10_000, 100_000), (1, 10_000)
_ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120
_MEGABYTE = 1_000_000

_UNDELIVERED = text("""
SELECT id, event_id, type, correlation_id FROM outbox
WHERE delivered_at IS NULL AND type = 'event_invited' ORDER BY id
""")


def measure_memory(*, rounds: int, quick: bool) -> list[Row]:
    """Measure the peak resident memory of API and worker, in MB, for a creation and its delivery."""
    numbers = _QUICK_NUMBERS if quick else _NUMBERS
    api: dict[int, list[float]] = {number: [] for number in numbers}
    worker: dict[int, list[float]] = {number: [] for number in numbers}
    with make_world(max(numbers), durable=False) as world, run_delayed_queue(0) as endpoint:
        variables = {
            **STAND_IN_CREDENTIALS,
            "AWS_ENDPOINT_URL_SQS": endpoint,
            "DATABASE_URL": world.database_url,
            "QUEUE_URL": find_queues(endpoint).url,
            "CREATE_QUOTA": str(QUOTA),
            "WAVE_QUOTA": str(HOURLY_QUOTA),
            "NOTIFICATION_QUOTA": str(HOURLY_QUOTA),
        }
        for _ in range(rounds):
            for number in numbers:
                creation = make_event(make_body(list(world.people[:number])))
                api[number].append(_probe("convoke_api.handler", [creation], variables))
                deliveries = [make_sqs_event(batch) for batch in make_batches(_find_undelivered(world))]
                worker[number].append(_probe("convoke_worker.handler", deliveries, variables))
                if _find_undelivered(world):
                    raise RuntimeError("the worker has not delivered the API's outbox rows")
    return [
        Row("memory", system, "MB", values, {"participants": number})
        for system, found in (("convoke: API", api), ("convoke: worker", worker))
        for number, values in found.items()
    ]


def _find_undelivered(world: World) -> list[DeliveryMessage]:
    with world.open_engine() as engine, transaction(engine) as connection:
        return [DeliveryMessage(*row) for row in connection.execute(_UNDELIVERED)]


def _probe(handler: str, events: Sequence[Mapping[str, Any]], variables: Mapping[str, str]) -> float:
    """Return the peak of a process that handles these events. Raises RuntimeError if it fails."""
    run = subprocess.run(  # noqa: S603 - a program of ours
        [sys.executable, "-m", "benchmarks.measures.memory_probe", handler],
        cwd=_ROOT,
        env=dict(variables),
        input="\n".join(map(json.dumps, events)),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
    )
    if run.returncode != 0:
        raise RuntimeError(f"{handler} failed: {run.stderr}")
    return int(run.stdout.splitlines()[-1]) / _MEGABYTE
