"""Starts all systems side by side, with one way to create an event and one to count notifications."""

import http.client
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import boto3
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.messages import DeliveryMessage, encode_message
from convoke_api.cold_start import no_garbage_collection
from mangum import Mangum
from sqlalchemy import text

from benchmarks.load import Client, RefusedError
from benchmarks.ours.applications import ApplicationCaller, MangumCaller, make_event
from benchmarks.ours.functions import find_queues
from benchmarks.ours.starting import FRONTS, run_convoke
from benchmarks.peers import background_tasks
from benchmarks.peers.nagle import turn_nagle_off
from benchmarks.peers.starting import PEERS, open_notifications, run_peer
from benchmarks.queue_environment import point_at
from benchmarks.results import Missing
from benchmarks.systems import MissingError, RunningSystem
from benchmarks.world import World

_FLOOR_TABLE = text(
    "CREATE TABLE IF NOT EXISTS floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)"
)
_FLOOR_ROW = text("INSERT INTO floor (note) VALUES ('x')")
_MESSAGE = encode_message(DeliveryMessage(UUID(int=0), UUID(int=0), "event_invited", "floor"))

#: The least that a creation through an outbox takes: one row committed, one call of the queue with boto3.
FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Subject:
    """One system: `create` sends an event and waits for the response; `prepare` precedes each `create`.

    `count` gives the number of notifications since `clear`; both do nothing for a system without
    notifications. `cpu_seconds` is the processor time of its processes so far, without the database's; 0 for
    a system in this process, which does other work as well.
    """

    name: str
    create: Callable[[bytes], None]
    prepare: Callable[[], None]
    count: Callable[[], int]
    clear: Callable[[], None]
    cpu_seconds: Callable[[], float]
    notifies: bool = True

    @property
    def in_this_process(self) -> bool:
        """Return whether `create` does the work in this process."""
        return self.cpu_seconds is _no_processes


def make_subject(system: RunningSystem) -> Subject:
    """Make the subject for a system that is called over HTTP."""
    client = Client(system.url, system.headers)
    return Subject(
        name=system.name,
        create=client.create,
        prepare=client.connect,
        count=system.count_notifications,
        clear=system.clear_notifications,
        cpu_seconds=system.measure_cpu_seconds,
    )


@contextmanager
def run_peers(
    world: World, names: Sequence[str] = PEERS
) -> Iterator[tuple[list[RunningSystem], list[Missing]]]:
    """Run the peers that this machine can run; return them, and the others with the reason.

    Without Nagle's algorithm: with it, as their driver has it by default, some of their statements stall
    for 40 ms, and Convoke would look better than it is.
    """
    systems: list[RunningSystem] = []
    missing: list[Missing] = []
    with ExitStack() as resources:
        for name in (name for name in PEERS if name in names):
            folder = Path(mkdtemp(prefix="peer-", dir=world.folder))
            try:
                systems.append(resources.enter_context(run_peer(name, world, folder, nagle=False)))
            except MissingError as error:
                missing.append(Missing("response", name, str(error)))
        yield systems, missing


@contextmanager
def run_fronts(
    world: World, sqs_endpoint_url: str, fronts: tuple[str, ...] = FRONTS
) -> Iterator[list[RunningSystem]]:
    """Run Convoke behind each front, all with one queue; each front has a worker and a relay."""
    with ExitStack() as resources:
        systems = []
        for front in fronts:
            folder = Path(mkdtemp(prefix=f"{front}-", dir=world.folder))
            systems.append(resources.enter_context(run_convoke(front, world, folder, sqs_endpoint_url)))
        yield systems


@contextmanager
def call_handlers(world: World, sqs_endpoint_url: str) -> Iterator[list[Subject]]:
    """Open Convoke's handler, with and without Mangum, and the floor: a commit and a queue call."""
    queue_url = find_queues(sqs_endpoint_url).url
    with point_at(sqs_endpoint_url):
        with no_garbage_collection():
            application = ApplicationCaller(world.database_url, queue_url)
            handler = MangumCaller(world.database_url, queue_url)
            engine = make_engine(world.database_url, timeout_seconds=60, application_name=FLOOR)
            queue = boto3.client("sqs")
        with autocommit(engine) as connection:
            connection.execute(_FLOOR_TABLE)

        def touch_the_floor(_body: bytes) -> None:
            with autocommit(engine) as connection:
                connection.execute(_FLOOR_ROW)
            queue.send_message_batch(
                QueueUrl=f"{queue_url}-floor", Entries=[{"Id": "0", "MessageBody": _MESSAGE}]
            )

        created = [0]

        def count(create: Callable[[str], None]) -> Callable[[bytes], None]:
            def create_and_count(body: bytes) -> None:
                create(body.decode())
                created[0] += 1

            return create_and_count

        yield [
            _make_handler("convoke: handler", count(application.create)),
            _make_handler("convoke: Mangum", count(handler.create)),
            _make_handler(FLOOR, touch_the_floor),
        ]
        engine.dispose()
        _check_sends(queue, queue_url, created[0])


def _check_sends(queue: Any, queue_url: str, created: int) -> None:
    # A creation succeeds without the queue too, and faster.
    sends = int(queue.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]["Sends"])
    if sends < created:
        raise RuntimeError(f"{created} events were created, and the queue was called {sends} times")


def _make_handler(name: str, create: Callable[[bytes], None]) -> Subject:
    return Subject(name, create, _do_nothing, lambda: 0, _do_nothing, _no_processes, notifies=False)


@contextmanager
def call_background_tasks(world: World) -> Iterator[Subject]:
    """Open BackgroundTasks as it runs on Lambda: Mangum returns when the tasks are done."""
    turn_nagle_off()
    invoke = Mangum(background_tasks.make_app(world.database_url), lifespan="off")
    caller = {"x-user-id": world.people[0]}

    def create(body: bytes) -> None:
        response = invoke(make_event(body.decode(), headers=caller), None)
        if response["statusCode"] != http.client.CREATED:
            raise RefusedError(f"{response['statusCode']}: {response.get('body')}")

    with open_notifications(world, background_tasks) as (count, clear):
        yield Subject("BackgroundTasks: Mangum", create, _do_nothing, count, clear, _no_processes)


def _do_nothing() -> None:
    pass


def _no_processes() -> float:
    return 0.0
