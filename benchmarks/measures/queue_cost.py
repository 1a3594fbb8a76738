"""Computes the cost of the queue: counted calls, at the list prices of infra/prices.json.

The API creates events and the local event-source mapping takes their messages, both as deployed, on a queue
that counts. Twice: with all messages waiting before the first is taken, so that each receive and each delete
carries ten, and with each message taken before the next is sent, so that they carry one. Empty receives
are not counted: they cost the same without any event, and are in docs/growth.md.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from convoke_local.lambda_.event_source_mapping import EventSourceMapping
from convoke_local.sqs.queues import make_client
from convoke_local.template import load_template

from benchmarks.ours.applications import MangumCaller, make_body
from benchmarks.ours.functions import find_queues
from benchmarks.queue_environment import point_at
from benchmarks.report.paths import ROOT
from benchmarks.results import Missing, Row
from benchmarks.world import World, run_delayed_queue

PARTICIPANTS = 10
EVENTS_PRICED = 1_000_000
_EVENTS, _QUICK_EVENTS = 100, 20
_PATIENCE_SECONDS = 60
_TAKEN = json.dumps({"batchItemFailures": []})


def measure_queue_cost(world: World, *, rounds: int, quick: bool) -> list[Row | Missing]:
    """Compute US dollars for a million events, by the messages in a receive."""
    events = _QUICK_EVENTS if quick else _EVENTS
    costs: dict[int, list[float]] = {10: [], 1: []}
    # Counts are the same in each round.
    for _ in range(1 if quick else rounds):
        costs[10].append(_price(_count_calls(world, events, one_by_one=False) / events))
        costs[1].append(_price(_count_calls(world, events, one_by_one=True) / events))
    return [Row("queue cost", "convoke", "usd", values, {"batch": batch}) for batch, values in costs.items()]


def _price(calls_per_event: float) -> float:
    prices = json.loads((ROOT / "infra" / "prices.json").read_text("utf-8"))["prices"]
    return float(calls_per_event * EVENTS_PRICED * prices["sqs_request"])


def _count_calls(world: World, events: int, *, one_by_one: bool) -> int:
    body = make_body([*world.people[:PARTICIPANTS]])
    with run_delayed_queue(0) as endpoint, point_at(endpoint):
        queues, client = find_queues(endpoint), make_client(endpoint)
        caller = MangumCaller(world.database_url, queues.url)
        taken: list[int] = []

        def take(event: str) -> str:
            taken.append(len(json.loads(event)["Records"]))
            return _TAKEN

        def count(name: str) -> int:
            # The names are those of the counting queue, not of SQS.
            attributes: Any = client.get_queue_attributes(QueueUrl=queues.url)["Attributes"]
            return int(attributes[name])

        mapping = EventSourceMapping(
            client, queues, load_template().event_source(), take, make_queues=lambda: None, poll_seconds=1
        )
        try:
            if one_by_one:
                mapping.start()
            for number in range(1, events + 1):
                caller.create(body)
                if one_by_one:
                    _wait_until(partial(_is, count, number))
            if not one_by_one:
                mapping.start()
            _wait_until(lambda: sum(taken) == events and count("Deletes") == len(taken))
        finally:
            mapping.stop(within_seconds=_PATIENCE_SECONDS)
        return count("Sends") + count("Receives") + count("Deletes")


def _is(count: Callable[[str], int], deletes: int) -> bool:
    return count("Deletes") == deletes


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the messages were not all taken and deleted")
        time.sleep(0.002)
