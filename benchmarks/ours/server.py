"""Serves one front: `python -m benchmarks.ours.server LOG FRONT PORT DATABASE_URL SQS_ENDPOINT_URL`.

gateway   the local gateway before execution environments of the API function, as `convoke up` has it
uvicorn   the application itself under uvicorn with one worker: one request at a time, as in an environment
threads   the same with a handler in each of some threads, as FastAPI runs the `def` routes of the peers
"""

import asyncio
import json
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from convoke_api.composition import make_services
from convoke_api.invocation import make_handler
from convoke_local.api_gateway.gateway import INTEGRATION_TIMEOUT_SECONDS, Gateway
from convoke_local.api_gateway.web_server import take_port
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.stack.function_pools import API_CONCURRENCY
from convoke_local.template import load_template

from benchmarks.ours.applications import add_claims, make_application, make_settings
from benchmarks.ours.functions import CLAIMS, find_queues, plan
from benchmarks.peers.logs import write_to


def main() -> None:
    """Serve until SIGTERM."""
    log, front, port, database_url, sqs_endpoint_url = sys.argv[1:]
    write_to(Path(log))
    if front == "gateway":
        _serve_gateway(Path(log).parent, int(port), database_url, sqs_endpoint_url)
    elif front == "threads":
        _serve_threads(int(port), database_url, sqs_endpoint_url)
    else:
        application = make_application(database_url, find_queues(sqs_endpoint_url).url)
        _serve(add_claims(application), int(port))


def _serve_gateway(folder: Path, port: int, database_url: str, sqs_endpoint_url: str) -> None:
    function = plan(folder, database_url, sqs_endpoint_url).api
    pool = EnvironmentPool(function, limit=API_CONCURRENCY, log=folder / "api.log")
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


def _serve_threads(port: int, database_url: str, sqs_endpoint_url: str) -> None:
    settings = make_settings(database_url, find_queues(sqs_endpoint_url).url)
    own = threading.local()

    def invoke(event: str) -> str:
        if not hasattr(own, "handler"):
            # Mangum runs each request on the current loop, and an engine has one connection.
            asyncio.set_event_loop(asyncio.new_event_loop())
            own.handler = make_handler(make_services(settings))
        return json.dumps(own.handler(json.loads(event), None))

    _serve(Gateway(load_template().routes(), _authorize, invoke, concurrency=API_CONCURRENCY), port)


def _authorize(_token: str) -> Mapping[str, Any]:
    return CLAIMS


def _serve(application: Any, port: int) -> None:
    config = uvicorn.Config(application, lifespan="off", ws="none", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[take_port(port)])


if __name__ == "__main__":
    main()
