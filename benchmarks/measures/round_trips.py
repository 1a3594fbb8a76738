"""Counts the statements, round trips and queue calls of a creation and a delivery."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import count
from typing import Any

from convoke.database.engine import make_engine
from convoke.queues import SqsQueue

from benchmarks.measures.counting import Counts, count_calls
from benchmarks.measures.deliveries import (
    BATCH_MESSAGES,
    WorkerCaller,
    create_events,
    make_batches,
    open_api,
)
from benchmarks.ours.applications import make_body, make_event
from benchmarks.ours.functions import CLAIMS, find_queues
from benchmarks.queue_environment import point_at
from benchmarks.results import Row
from benchmarks.wire import tapped
from benchmarks.world import World, make_world, run_delayed_queue

_NUMBERS, _QUICK_NUMBERS = (1, 10, 100, 1_000, 10_000), (1, 10_000)
_ROWS_PER_MESSAGE = 1_000

CREATE, FIRST_USE, WORKER_BATCH = "convoke: create", "convoke: create, first use", "convoke: worker batch"

_serial = count(1)


def measure_round_trips(*, rounds: int, quick: bool) -> list[Row]:
    """Count by the number of participants; a worker batch has ten messages, of a thousand people at most."""
    numbers = _QUICK_NUMBERS if quick else _NUMBERS
    rows: list[Row] = []
    with make_world(max(numbers), durable=False) as world:
        for number in numbers:
            found = [count_all(world, number) for _ in range(rounds)]
            for system in found[0]:
                parameters = {"participants": number}
                counts = [each[system] for each in found]
                rows += [
                    Row("statements", system, "count", [each.statements for each in counts], parameters),
                    Row("round trips", system, "count", [each.round_trips for each in counts], parameters),
                ]
                if system != WORKER_BATCH:
                    calls = [each.queue_calls for each in counts]
                    rows.append(Row("queue calls", system, "count", calls, parameters))
    return rows


def count_all(world: World, participants: int) -> dict[str, Counts]:
    """Return the counts of each system at a number of participants, with new people and events each time."""
    body = make_body(world.people[:participants])
    newcomers = _make_event_of_newcomers(participants)
    messages = create_events(
        world,
        events=max(1, BATCH_MESSAGES * _ROWS_PER_MESSAGE // max(participants, _ROWS_PER_MESSAGE)),
        participants=participants,
    )
    warm_up = create_events(world, events=1, participants=1)
    with (
        # The log of the functions.
        redirect_stdout(io.StringIO()),
        run_delayed_queue(0) as endpoint,
        point_at(endpoint),
        tapped(world.database_url) as (tap, database_url),
        open_api(database_url, SqsQueue(find_queues(endpoint).url)) as call,
        _open_worker(database_url) as worker,
    ):
        # Make the connections and the caller, and prepare, as the first requests of an environment do.
        call(make_event(body))
        worker.deliver(warm_up)
        batch = make_batches(messages)[0]
        counts = {
            CREATE: count_calls(lambda: call(make_event(body)), tap, endpoint),
            FIRST_USE: count_calls(lambda: call(newcomers), tap, endpoint),
            WORKER_BATCH: count_calls(lambda: worker.deliver(batch), tap, endpoint),
        }
    if not (counts[CREATE].queue_calls and counts[FIRST_USE].queue_calls):
        # A failing call does not fail a creation, and would be counted as a cheap one.
        raise RuntimeError("the queue has taken no message")
    return counts


@contextmanager
def _open_worker(database_url: str) -> Iterator[WorkerCaller]:
    """Open a worker with a connection."""
    engine = make_engine(database_url, timeout_seconds=20, application_name="benchmarks")
    try:
        engine.connect().close()
        yield WorkerCaller(engine)
    finally:
        engine.dispose()


def _make_event_of_newcomers(participants: int) -> dict[str, Any]:
    """Make a creation by a new caller, for people who were never invited before."""
    serial = next(_serial)
    claims = {"sub": f"newcomer-{serial}", "email": f"newcomer-{serial}@example.com"}
    emails = [f"invited-{serial}-{number}@example.com" for number in range(participants)]
    event = make_event(json.dumps({**json.loads(make_body([])), "participant_emails": emails}))
    context = {"authorizer": {"jwt": {"claims": {**CLAIMS, **claims}, "scopes": None}}}
    return {**event, "requestContext": {**event["requestContext"], **context}}
