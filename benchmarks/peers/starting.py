"""Runs a peer: its table, its broker, its server and its workers, each a process of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from convoke_local.processes.ports import HOST, find_free_port

from benchmarks.peers.programs import Programs
from benchmarks.redis_server import run_redis
from benchmarks.systems import MissingError, RunningSystem
from benchmarks.world import World

_READY_SECONDS = 30
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _Peer:
    """A module of this package, with its needs.

    The module has `make_app(*addresses)` and `Notification`; where it has a worker, also
    `run_worker(*addresses)` and `workers_respond(*addresses)`.
    """

    module: str
    library: str | None = None
    has_broker: bool = False

    @property
    def has_worker(self) -> bool:
        return self.library is not None


_PEERS = {
    "synchronous": _Peer("synchronous"),
    "BackgroundTasks": _Peer("background_tasks"),
    "Celery": _Peer("celery_tasks", "celery", has_broker=True),
    "Celery: chunks": _Peer("celery_chunks", "celery", has_broker=True),
    "procrastinate": _Peer("procrastinate_jobs", "procrastinate"),
}

#: The names of the peers.
PEERS: tuple[str, ...] = tuple(_PEERS)


@contextmanager
def run_peer(name: str, world: World, folder: Path, *, nagle: bool = True) -> Iterator[RunningSystem]:
    """Run a peer with its workers; the caller is the first of the world's people.

    `folder` is its own, and exists; `nagle=False` avoids the driver's stalls (see nagle). Raises MissingError
    if this machine lacks a program that the peer needs.
    """
    peer = _PEERS[name]
    if peer.library is not None and find_spec(peer.library) is None:
        raise MissingError(f"{peer.library} is not installed: run benchmarks/set-up.sh and use .tools/bench")
    module = import_module(f"benchmarks.peers.{peer.module}")
    port = find_free_port()
    url = f"http://{HOST}:{port}"
    with ExitStack() as resources:
        addresses = [world.database_url]
        if peer.has_broker:
            addresses.append(resources.enter_context(run_redis(folder)))
        count, clear = resources.enter_context(open_notifications(world, module))
        if hasattr(module, "prepare"):
            module.prepare(*addresses)

        setting = "on" if nagle else "off"
        commands = {"server": [peer.module, setting, str(port), *addresses]}
        if peer.has_worker:
            commands["worker"] = [peer.module, setting, *addresses]
        programs = resources.enter_context(Programs(commands, folder).run())

        def wait() -> None:
            _wait_until(lambda: _responds(url), programs, "server")
            if peer.has_worker:
                _wait_until(lambda: module.workers_respond(*addresses), programs, "worker")

        def restart() -> None:
            programs.start()
            wait()

        wait()
        yield RunningSystem(
            name=name,
            url=url,
            headers={"X-User-Id": world.people[0]},
            count_notifications=count,
            clear_notifications=clear,
            list_processes=programs.list_ids,
            kill=programs.kill,
            restart=restart,
        )


@contextmanager
def open_notifications(world: World, module: Any) -> Iterator[tuple[Callable[[], int], Callable[[], None]]]:
    """Make or empty a peer's table of notifications; yield functions that count and clear it.

    `module` has the class `Notification`.
    """
    table = module.Notification.__table__
    with world.open_connection() as connection:
        table.create(connection, checkfirst=True)
    with world.watch(table.name) as counts:
        yield counts


def _responds(url: str) -> bool:
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True


def _wait_until(is_ready: Callable[[], bool], programs: Programs, name: str) -> None:
    deadline = monotonic() + _READY_SECONDS
    while not is_ready():
        programs.check()
        if monotonic() > deadline:
            raise TimeoutError(f"not ready within {_READY_SECONDS} s: {programs.describe(name)}")
        sleep(_POLL_SECONDS)
