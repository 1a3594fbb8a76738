"""The local system as it is recorded, with faults that can be switched."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from convoke.database import autocommit, make_engine
from convoke_local.configuration import read_configuration
from convoke_local.deployment import Services, plan_deployment
from convoke_local.functions import Function
from convoke_local.gateway import INTEGRATION_TIMEOUT_SECONDS, Gateway
from convoke_local.mapping import EventSourceMapping
from convoke_local.pool import EnvironmentPool
from convoke_local.postgres import run_postgres_server
from convoke_local.queues import STAND_IN_CREDENTIALS, create_queues, make_client
from convoke_local.relay_clock import RelayClock
from convoke_local.sqs import run_sqs_server
from convoke_local.template import load_template
from convoke_local.tokens import load_key, make_token, verify_token
from convoke_local.web_server import WebServer, take_port
from sqlalchemy import text

from recording.joints import MeasuredClient, MeasuredGateway, MeasuredPool
from recording.samples import Measurements

#: Minutes of a deployment are seconds here; all else is as in the template.
SETTINGS = {"CONVOKE_RELAY_TICK_SECONDS": "3", "CONVOKE_VISIBILITY_SECONDS": "5"}

_API, _WORKERS = 6, 4
_CONNECTIONS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class System:
    """Runs for the length of the block; see `convoke_local.stack` for the one that people use."""

    def __init__(self, folder: Path, measurements: Measurements) -> None:
        self._folder = folder
        self._measurements = measurements
        self._began: float | None = None
        self._resources = ExitStack()
        self.starts: dict[str, list[float]] = {}
        self.logs: dict[str, Path] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._resources.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def begin(self, now: float) -> None:
        """From this time on (seconds since the epoch) it is measured."""
        self._began = now

    def token_of(self, address: str) -> str:
        """A bearer token."""
        return make_token(
            self._key, address, name=address.partition("@")[0], locale="en", zone="Europe/Berlin"
        )

    def poll(self) -> None:
        """What CloudWatch has from SQS and RDS once a minute."""
        try:
            for name, url in (
                ("QueueName", self.queues.url),
                ("DeadLetterQueueName", self.queues.dead_letter_url),
            ):
                self._poll_queue(name, url)
        except OSError:
            pass  # it is down
        with autocommit(self._engine) as connection:
            self._add(
                "AWS/RDS", "DatabaseConnections", "DatabaseClusterId", connection.scalar(_CONNECTIONS) or 0
            )

    def stop_queue(self) -> None:
        """Nothing can be sent or received."""
        self._sqs.child.stop()

    def start_queue(self) -> None:
        """It knows what it knew."""
        if self._sqs.restart is not None:
            self._sqs.child = self._sqs.restart()

    def stop_worker(self) -> None:
        """Nothing is taken from the queue."""
        self._mapping.stop(5)

    def start_worker(self) -> None:
        """Take from the queue."""
        self._mapping = EventSourceMapping(
            self._client,  # type: ignore[arg-type] # plays the client
            self.queues,
            self._template.event_source(),
            partial(self._worker.invoke, wait_seconds=self._worker.function.timeout_seconds),
            make_queues=lambda: None,
            poll_seconds=1,
        )
        self._mapping.start()

    def replace_environments(self) -> None:
        """As a release does."""
        for pool in self._pools:
            pool.replace()

    def repeat_messages(self) -> None:
        """The last messages come once more, as SQS may do."""
        for body in list(self._client.bodies):
            self._client.send_message(QueueUrl=self.queues.url, MessageBody=body)

    def send_poison(self) -> None:
        """A message that nobody can read."""
        self._client.send_message(QueueUrl=self.queues.url, MessageBody="no JSON")

    def kill_worker(self) -> None:
        """The process ends in the middle of its work."""
        self._worker.kill_when_busy(within_seconds=10)

    def _add(self, namespace: str, name: str, of: str, value: float) -> None:
        if self._began is not None:
            self._measurements.add((namespace, name, of), time.time() - self._began, float(value))

    def _poll_queue(self, name: str, url: str) -> None:
        # The server's own way to look at messages without receiving them.
        query = urllib.parse.urlencode({"QueueUrl": url})
        address = f"{self._sqs.url}/_ministack/sqs/messages?{query}"
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - this machine
            accounts = json.loads(answer.read())["messages"]
        messages = [
            message
            for regions in accounts.values()
            for queues in regions.values()
            for found in queues.values()
            for message in found
        ]
        visible = sum(message["IsVisible"] for message in messages)
        now = time.time()
        oldest = max((now - message["SentTimestamp"] for message in messages), default=0.0)
        self._add("AWS/SQS", "ApproximateNumberOfMessagesVisible", name, visible)
        self._add("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", name, len(messages) - visible)
        self._add("AWS/SQS", "ApproximateAgeOfOldestMessage", name, oldest)

    def _start(self) -> None:
        enter = self._resources.enter_context
        self._template = load_template()
        database = enter(run_postgres_server(self._folder / "postgres"))
        self._sqs = enter(run_sqs_server(self._folder / "sqs"))
        configuration = read_configuration({"CONVOKE_DATA_DIR": str(self._folder), **SETTINGS})
        self.queues = create_queues(
            self._sqs.url,
            "recording",
            max_receive_count=self._template.queue().max_receive_count,
            visibility_seconds=configuration.visibility_seconds or 5,
            environment=STAND_IN_CREDENTIALS,
        )
        planned = plan_deployment(
            self._template, configuration, Services(database.url, self._sqs.url, self.queues)
        )
        with_migrator = EnvironmentPool(planned.migrator, limit=1, log=self._folder / "migrator.log")
        with_migrator.invoke('{"command": "upgrade"}', wait_seconds=60)
        with_migrator.close()
        self._engine = make_engine(database.url, timeout_seconds=5, application_name="recorder")
        self._resources.callback(self._engine.dispose)
        api = self._make_pool(planned.api, _API)
        self._worker = self._make_pool(planned.worker, _WORKERS)
        relay = self._make_pool(planned.relay, 1)
        self._pools = (api, self._worker, relay)
        for pool in self._pools:
            pool.warm_up()
        self._client = MeasuredClient(make_client(self._sqs.url, STAND_IN_CREDENTIALS), self._add)
        self.start_worker()
        self._resources.callback(lambda: self._mapping.stop(5))
        clock = RelayClock(
            partial(relay.invoke, wait_seconds=relay.function.timeout_seconds),
            tick_seconds=configuration.relay_tick_seconds,
        )
        self._resources.callback(clock.stop, 5)
        clock.start()
        self._key = load_key(self._folder)
        gateway = Gateway(
            self._template.routes(),
            partial(verify_token, self._key),
            partial(api.invoke, wait_seconds=INTEGRATION_TIMEOUT_SECONDS),
            concurrency=_API,
        )
        listener = enter(take_port(0))
        web = WebServer(MeasuredGateway(gateway, self._add), listener, finish_seconds=5)  # type: ignore[arg-type]
        self._resources.callback(web.stop)
        web.start()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def _make_pool(self, function: Function, limit: int) -> MeasuredPool:
        self.logs[function.name] = self._folder / f"{function.name}.log"
        starts = self.starts[function.name] = []
        pool = MeasuredPool(function, limit=limit, log=self.logs[function.name], add=self._add, starts=starts)
        self._resources.callback(pool.close)
        return pool
