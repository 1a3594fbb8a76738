"""Starts the system under test: the functions in processes, as in the local stack, between two proxies."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from chaos import mutation
from chaos.crashing_database import CrashingDatabase
from chaos.faults import Faults
from chaos.kill_points import FOLDER_VARIABLE, KillOrders
from chaos.queue_proxy import QueueProxy
from convoke_local.api_gateway.gateway import INTEGRATION_TIMEOUT_SECONDS, Gateway
from convoke_local.api_gateway.tokens import load_key, make_token, verify_token
from convoke_local.api_gateway.web_server import WebServer, take_port
from convoke_local.configuration import read_configuration
from convoke_local.lambda_.event_source_mapping import EventSourceMapping
from convoke_local.lambda_.functions import Function
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.lambda_.schedule import RelayClock
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, create_queues, make_client
from convoke_local.sqs.server import run_sqs
from convoke_local.stack.backing_services import BackingServices
from convoke_local.stack.deployment import plan_deployment
from convoke_local.template import load_template

_TESTS = Path(__file__).parents[1]
#: Processes of each function: all of them share two processors.
_API, _WORKERS = 5, 3
_VISIBILITY_SECONDS = 5
#: Shorter times than deployed, by the functions' own settings.
_SETTINGS = {
    "DATABASE_TIMEOUT_SECONDS": "2",
    "FIRST_RETRY_SECONDS": "2",
    "RELAY_TICK_SECONDS": "1",
    # Several outbox rows for one change.
    "RECIPIENTS_PER_ROW": "4",
    "PYTHONPATH": str(_TESTS),
}


class System:
    """The running system, from its creation to `close`."""

    def __init__(self, folder: Path, faults: Faults, seed: int, *, mutant: str = "") -> None:
        self._resources = ExitStack()
        try:
            self._start(folder, faults, seed, mutant)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop all parts."""
        self._resources.close()

    def _start(self, folder: Path, faults: Faults, seed: int, mutant: str) -> None:
        enter = self._resources.enter_context
        self.database = enter(CrashingDatabase(folder / "postgres", faults))
        endpoint_url = enter(run_sqs(folder / "sqs"))
        self.queue_proxy = QueueProxy(endpoint_url, faults, seed)
        self._resources.callback(self.queue_proxy.close)
        template = load_template()
        # By the proxy's address: URLs of queues hold the address of the request.
        self.queues = create_queues(
            self.queue_proxy.url,
            f"chaos-{uuid4().hex[:8]}",
            max_receive_count=template.queue().max_receive_count,
            visibility_seconds=_VISIBILITY_SECONDS,
            environment=STAND_IN_CREDENTIALS,
        )
        #: Without the proxy, for the harness itself.
        self.client = make_client(endpoint_url, STAND_IN_CREDENTIALS)
        self.kill_orders = KillOrders(folder / "kill")
        configuration = read_configuration({"CONVOKE_DATA_DIR": str(folder)})
        deployment = plan_deployment(
            template,
            configuration,
            BackingServices(self.database.proxied_url, self.queue_proxy.url, self.queues),
        )
        variables = _SETTINGS | {FOLDER_VARIABLE: str(folder / "kill"), mutation.VARIABLE: mutant}

        def make_pool(function: Function, limit: int) -> EnvironmentPool:
            broken = replace(
                function,
                handler=f"chaos.functions.{function.name}.handler",
                variables={**function.variables, **variables},
            )
            pool = EnvironmentPool(broken, limit=limit, log=folder / f"{function.name}.log")
            self._resources.callback(pool.close)
            return pool

        api = make_pool(deployment.api, _API)
        worker = make_pool(deployment.worker, _WORKERS)
        relay = make_pool(deployment.relay, 1)
        for pool in (api, worker, relay):
            pool.warm_up()
        mapping = EventSourceMapping(
            make_client(self.queue_proxy.url, STAND_IN_CREDENTIALS),
            self.queues,
            replace(template.event_source(), maximum_concurrency=_WORKERS),
            partial(worker.invoke, wait_seconds=30),
            make_queues=lambda: None,
            poll_seconds=1,
        )
        self._resources.callback(mapping.stop, 5)
        mapping.start()
        clock = RelayClock(partial(relay.invoke, wait_seconds=10), tick_seconds=1)
        self._resources.callback(clock.stop, 5)
        clock.start()
        key = load_key(folder)
        self.token_of: Callable[[str], str] = partial(_make_token, key)
        gateway = Gateway(
            template.routes(),
            partial(verify_token, key),
            partial(api.invoke, wait_seconds=INTEGRATION_TIMEOUT_SECONDS),
            concurrency=_API,
        )
        listener = enter(take_port(0))
        web = WebServer(gateway, listener, finish_seconds=5)
        self._resources.callback(web.stop)
        web.start()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"


def _make_token(key: str, address: str) -> str:
    # Recipients of several languages and zones, one of the languages without texts.
    locale, zone = (("ru", "Europe/Moscow"), ("en", "America/New_York"), ("xx", "Asia/Tokyo"))[
        sum(address.encode()) % 3
    ]
    return make_token(key, address, name=address.partition("@")[0], locale=locale, zone=zone)
