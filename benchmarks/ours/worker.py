"""Runs worker and relay: `python -m benchmarks.ours.worker LOG READY DATABASE_URL SQS_ENDPOINT_URL`.

The event-source mapping with the worker, and the relay's clock, as `convoke up` has them. Makes the file
READY when both functions can be called, and runs until SIGTERM.
"""

import signal
import sys
import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from convoke_local.lambda_.event_source_mapping import EventSourceMapping
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.lambda_.schedule import RelayClock
from convoke_local.sqs.queues import make_client
from convoke_local.template import load_template

from benchmarks.ours.functions import RELAY_TICK_SECONDS, find_queues, plan
from benchmarks.peers.logs import write_to


def main() -> None:
    """Deliver until SIGTERM."""
    log, ready, database_url, sqs_endpoint_url = sys.argv[1:]
    write_to(Path(log))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = Path(log).parent
    deployment = plan(folder, database_url, sqs_endpoint_url)
    source = load_template().event_source()
    worker = EnvironmentPool(deployment.worker, limit=source.maximum_concurrency, log=folder / "notify.log")
    relay = EnvironmentPool(deployment.relay, limit=1, log=folder / "relay.log")
    mapping = EventSourceMapping(
        make_client(sqs_endpoint_url, {}),
        find_queues(sqs_endpoint_url),
        source,
        partial(worker.invoke, wait_seconds=worker.function.timeout_seconds),
        make_queues=lambda: None,
    )
    clock = RelayClock(
        partial(relay.invoke, wait_seconds=relay.function.timeout_seconds), tick_seconds=RELAY_TICK_SECONDS
    )
    with ExitStack() as resources:
        for pool in (worker, relay):
            resources.callback(pool.close)
            pool.warm_up()
        mapping.start()
        clock.start()
        Path(ready).touch()
        threading.Event().wait()


if __name__ == "__main__":
    main()
