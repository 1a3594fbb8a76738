"""Convoke's processes: `python -m benchmarks.ours gateway|uvicorn|delivery FOLDER DATABASE_URL SQS PORT`.

gateway   the local gateway in front of execution environments of the API function, as `convoke up` has it
uvicorn   the application itself under uvicorn with one worker, as the peers run
delivery  the event-source mapping with the worker, and the relay's clock

Port 0 for delivery. Each runs until it is ended.
"""

import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from convoke_local.folders import make_folder
from convoke_local.function_pools import API_CONCURRENCY
from convoke_local.gateway import INTEGRATION_TIMEOUT_SECONDS, Gateway
from convoke_local.mapping import EventSourceMapping
from convoke_local.pool import EnvironmentPool
from convoke_local.queues import make_client
from convoke_local.relay_clock import RelayClock
from convoke_local.template import load_template
from convoke_local.web_server import take_port

from benchmarks.ours.applications import add_claims, make_application
from benchmarks.ours.functions import CLAIMS, find_queues, plan

_RELAY_TICK_SECONDS = 10


def main() -> None:
    """Run one of them until SIGTERM."""
    mode, folder, database_url, sqs_endpoint_url, port = sys.argv[1:]
    logs = make_folder(Path(folder) / f"logs-{mode}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if mode == "gateway":
        _serve_gateway(logs, database_url, sqs_endpoint_url, int(port))
    elif mode == "uvicorn":
        application = make_application(database_url, find_queues(sqs_endpoint_url).url)
        _serve(add_claims(application), int(port))
    else:
        _deliver(logs, database_url, sqs_endpoint_url)


def _serve_gateway(logs: Path, database_url: str, sqs_endpoint_url: str, port: int) -> None:
    function = plan(logs, database_url, sqs_endpoint_url).api
    pool = EnvironmentPool(function, limit=API_CONCURRENCY, log=logs / "api.log")
    gateway = Gateway(
        load_template().routes(),
        _authorize,
        partial(pool.invoke, wait_seconds=INTEGRATION_TIMEOUT_SECONDS),
        concurrency=API_CONCURRENCY,
    )
    pool.warm_up()
    try:
        _serve(gateway, port)
    finally:
        pool.close()


def _authorize(_token: str) -> Mapping[str, Any]:
    return CLAIMS


def _serve(application: Any, port: int) -> None:
    config = uvicorn.Config(application, lifespan="off", ws="none", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[take_port(port)])


def _deliver(logs: Path, database_url: str, sqs_endpoint_url: str) -> None:
    deployment = plan(logs, database_url, sqs_endpoint_url)
    source = load_template().event_source()
    worker = EnvironmentPool(deployment.worker, limit=source.maximum_concurrency, log=logs / "worker.log")
    relay = EnvironmentPool(deployment.relay, limit=1, log=logs / "relay.log")
    mapping = EventSourceMapping(
        make_client(sqs_endpoint_url, {}),
        find_queues(sqs_endpoint_url),
        source,
        partial(worker.invoke, wait_seconds=worker.function.timeout_seconds),
        make_queues=lambda: None,
    )
    clock = RelayClock(
        partial(relay.invoke, wait_seconds=relay.function.timeout_seconds), tick_seconds=_RELAY_TICK_SECONDS
    )
    with ExitStack() as resources:
        for pool in (worker, relay):
            resources.callback(pool.close)
            pool.warm_up()
        mapping.start()
        clock.start()
        threading.Event().wait()


if __name__ == "__main__":
    main()
