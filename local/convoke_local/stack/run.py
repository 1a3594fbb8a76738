"""Run the whole system on this machine: start, watch and stop everything for `convoke up`."""

import http.client
import logging
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from convoke_local.api_gateway.gateway import INTEGRATION_TIMEOUT_SECONDS, Gateway
from convoke_local.api_gateway.tokens import load_key, verify_token
from convoke_local.api_gateway.web_server import WebServer, take_port
from convoke_local.configuration import Configuration
from convoke_local.errors import LocalStackError
from convoke_local.lambda_.event_source_mapping import EventSourceMapping
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.lambda_.schedule import RelayClock
from convoke_local.operations.stack_state import StackState, publish_state
from convoke_local.postgres.cluster import remove_cluster
from convoke_local.processes.folders import hold_folder, make_folder
from convoke_local.processes.ports import HOST
from convoke_local.processes.servers import Server
from convoke_local.sqs.aws_variables import find_aws_variables
from convoke_local.sqs.queues import make_client
from convoke_local.stack.backing_services import BackingServices, make_queues, start_backing_services
from convoke_local.stack.deployment import plan_deployment
from convoke_local.stack.function_pools import API_CONCURRENCY, FunctionPools
from convoke_local.stack.logs import log_to
from convoke_local.template import Template, load_template

_READY_SECONDS = 30
_POLL_SECONDS = 0.05
#: Time for requests and invocations to finish after a stop.
_FINISH_SECONDS = 5
_MOST_RESTARTS = 5

_logger = logging.getLogger(__name__)


def run_stack(configuration: Configuration, *, fresh: bool, on_ready: Callable[[str], None]) -> None:
    """Run everything until an exception ends it: KeyboardInterrupt as a rule. Nothing is left running.

    `on_ready` is called with the URL of the API when the health check has passed. Raises LocalStackError when
    a part cannot be started, or ends by itself.
    """
    if fresh and configuration.database_url is not None:
        raise LocalStackError("--fresh does not empty the database of DATABASE_URL: drop it yourself")
    folder = make_folder(configuration.data_folder)
    with ExitStack() as resources:
        resources.enter_context(hold_folder(folder))
        listener = resources.enter_context(take_port(configuration.port))
        if fresh:
            _remove_data(folder)
        resources.enter_context(log_to(make_folder(configuration.logs) / "stack.log"))
        template = load_template()
        services, servers = start_backing_services(configuration, template, resources)
        pools = FunctionPools(
            template, plan_deployment(template, configuration, services), configuration.logs
        )
        resources.callback(pools.close)
        pools.prepare()
        _start_mapping(template, configuration, services, pools.worker, resources)
        clock = RelayClock(
            partial(pools.relay.invoke, wait_seconds=pools.relay.function.timeout_seconds),
            tick_seconds=configuration.relay_tick_seconds,
        )
        resources.callback(clock.stop, _FINISH_SECONDS)
        clock.start()
        gateway = Gateway(
            template.routes(),
            partial(verify_token, load_key(folder)),
            partial(pools.api.invoke, wait_seconds=INTEGRATION_TIMEOUT_SECONDS),
            concurrency=API_CONCURRENCY,
            cors=template.cors(),
        )
        web = WebServer(gateway, listener, finish_seconds=_FINISH_SECONDS)
        resources.callback(web.stop)
        port: int = listener.getsockname()[1]
        web.start()
        _wait_until_healthy(port, configuration.logs)
        url = f"http://{HOST}:{port}"
        resources.enter_context(publish_state(folder, _make_state(url, services)))
        on_ready(url)
        _watch(servers, web, configuration.logs)


def _remove_data(folder: Path) -> None:
    # The signing key stays, so tokens that were printed earlier stay valid.
    remove_cluster(folder / "postgres")
    for name in ("sqs", "logs"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _start_mapping(
    template: Template,
    configuration: Configuration,
    services: BackingServices,
    worker: EnvironmentPool,
    resources: ExitStack,
) -> None:
    endpoint_url = services.sqs_endpoint_url
    mapping = EventSourceMapping(
        make_client(endpoint_url, find_aws_variables(configuration, endpoint_url)),
        services.queues,
        template.event_source(),
        partial(worker.invoke, wait_seconds=worker.function.timeout_seconds),
        make_queues=partial(make_queues, configuration, template, endpoint_url),
        # Requests to AWS cost money; a long poll of the embedded server only delays the stop.
        poll_seconds=1 if configuration.sqs_endpoint_url is None else 20,
    )
    resources.callback(mapping.stop, _FINISH_SECONDS)
    mapping.start()


def _wait_until_healthy(port: int, logs: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    status: object = "no response"
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(HOST, port, timeout=_READY_SECONDS)
        try:
            connection.request("GET", "/health")
            status = connection.getresponse().status
            if status == http.client.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(_POLL_SECONDS)
    raise LocalStackError(f"GET /health did not return 200 but {status} (see {logs})")


def _make_state(url: str, services: BackingServices) -> StackState:
    return StackState(
        url=url,
        database_url=services.database_url,
        sqs_endpoint=services.sqs_endpoint_url,
        queue_url=services.queues.url,
        dead_letter_queue_url=services.queues.dead_letter_url,
    )


def _watch(servers: Sequence[Server], web: WebServer, logs: Path) -> None:
    """Wait for ever; raise LocalStackError when a server has ended that cannot be started again.

    Environments are replaced by their pool. The SQS server is started again: the relay sends the messages
    that it lost. The reason for which a database ended must be seen by the user, so it is not started again.
    """
    restarts = 0
    while True:
        for server in servers:
            status = server.child.exit_status()
            if status is None:
                continue
            message = f"{server.name} ended by itself (status {status}; see {server.log})"
            if server.restart is None or restarts == _MOST_RESTARTS:
                raise LocalStackError(message)
            restarts += 1
            _logger.warning("%s; starting it again", message)
            server.child.stop()
            server.child = server.restart()
        if not web.is_alive():
            raise LocalStackError(f"the HTTP server ended by itself (see {logs / 'stack.log'})")
        time.sleep(_POLL_SECONDS)
