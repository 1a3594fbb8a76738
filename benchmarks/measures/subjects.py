"""Everything that creates meetings, started side by side, with one way to create and one to count."""

import http.client
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from time import process_time
from uuid import UUID

from convoke.database import autocommit, make_engine
from convoke.messages import DeliveryMessage
from convoke.queues import SqsQueue
from mangum import Mangum
from sqlalchemy import text

from benchmarks.load import Client, RefusedError
from benchmarks.ours.applications import ApplicationCaller, MangumCaller, make_event
from benchmarks.ours.functions import find_queues
from benchmarks.ours.starting import FRONTS, aws_variables, open_inbox, run_convoke
from benchmarks.peers import background_tasks
from benchmarks.peers.nagle import turn_nagle_off
from benchmarks.peers.starting import PEERS, open_notifications, run_peer
from benchmarks.results import Missing
from benchmarks.systems import MissingError, RunningSystem
from benchmarks.world import World

_FLOOR_TABLE = text("CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)")
_FLOOR_ROW = text("INSERT INTO floor (note) VALUES ('x')")
_MESSAGE = DeliveryMessage(outbox_id=UUID(int=0), event_id=UUID(int=0), type="event_invited")


@dataclass(frozen=True, slots=True)
class Subject:
    """`create` sends one meeting and waits for its answer; `prepare` makes the next one a fair one.

    `count` gives the number of notifications since `clear`; both do nothing where there are none.
    `cpu_seconds` is what its processes have used so far, without the database's.
    """

    name: str
    create: Callable[[bytes], None]
    prepare: Callable[[], None]
    count: Callable[[], int]
    clear: Callable[[], None]
    cpu_seconds: Callable[[], float]
    tells: bool = True


def make_subject(system: RunningSystem) -> Subject:
    """A system that is called over HTTP."""
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
    """Those of the peers that this machine can run, and why the others are missing.

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
    """Convoke behind each front, all with one queue; each front has a worker and a relay."""
    with ExitStack() as resources:
        systems = []
        for front in fronts:
            folder = Path(mkdtemp(prefix=f"{front}-", dir=world.folder))
            systems.append(resources.enter_context(run_convoke(front, world, folder, sqs_endpoint_url)))
        yield systems


@contextmanager
def call_handlers(world: World, sqs_endpoint_url: str) -> Iterator[list[Subject]]:
    """Convoke's handler in this process, with and without Mangum; the floor: a commit and a queue call."""
    queue_url = find_queues(sqs_endpoint_url).url
    with _environment(aws_variables(sqs_endpoint_url)), open_inbox(world) as (count, clear):
        application = ApplicationCaller(world.database_url, queue_url)
        handler = MangumCaller(world.database_url, queue_url)
        engine = make_engine(world.database_url, timeout_seconds=60, application_name="floor")
        with autocommit(engine) as connection:
            connection.execute(_FLOOR_TABLE)
        queue = SqsQueue(f"{queue_url}-floor")

        def touch_the_floor(_body: bytes) -> None:
            with autocommit(engine) as connection:
                connection.execute(_FLOOR_ROW)
            queue.send([(_MESSAGE, 0)])

        def make(name: str, create: Callable[[bytes], None], *, tells: bool = True) -> Subject:
            return Subject(name, create, _do_nothing, count, clear, process_time, tells)

        yield [
            make("convoke: handler", lambda body: application.create(body.decode())),
            make("convoke: Mangum", lambda body: handler.create(body.decode())),
            make("floor", touch_the_floor, tells=False),
        ]
        engine.dispose()


@contextmanager
def call_background_tasks(world: World) -> Iterator[Subject]:
    """BackgroundTasks as it runs on Lambda: Mangum comes back when the tasks are done."""
    turn_nagle_off()
    invoke = Mangum(background_tasks.make_app(world.database_url), lifespan="off")
    caller = {"x-user-id": world.people[0]}

    def create(body: bytes) -> None:
        answer = invoke(make_event(body.decode(), headers=caller), None)
        if answer["statusCode"] != http.client.CREATED:
            raise RefusedError(f"{answer['statusCode']}: {answer.get('body')}")

    with open_notifications(world, background_tasks) as (count, clear):
        yield Subject("BackgroundTasks: Mangum", create, _do_nothing, count, clear, process_time)


def _do_nothing() -> None:
    pass


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
