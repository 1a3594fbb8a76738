"""Runs Convoke: a queue, a front for the callers, worker and relay."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
from convoke_local.processes.ports import HOST, find_free_port

from benchmarks.peers.programs import Programs
from benchmarks.queue_environment import aws_variables
from benchmarks.systems import RunningSystem
from benchmarks.world import World

#: How callers reach the API; see benchmarks.ours.server.
FRONTS = ("uvicorn", "threads", "gateway")

_READY_SECONDS = 30
_POLL_SECONDS = 0.02


@contextmanager
def run_convoke(front: str, world: World, folder: Path, sqs_endpoint_url: str) -> Iterator[RunningSystem]:
    """Run one of FRONTS with a worker and a relay; all are ready."""
    port = find_free_port()
    url = f"http://{HOST}:{port}"
    ready = folder / "ready"
    addresses = [world.database_url, sqs_endpoint_url]
    programs = Programs(
        {"server": [front, str(port), *addresses], "worker": [str(ready), *addresses]},
        folder,
        package="benchmarks.ours",
        variables=aws_variables(sqs_endpoint_url),
    )

    def restart() -> None:
        ready.unlink()
        programs.start()
        wait()

    def wait() -> None:
        deadline = monotonic() + _READY_SECONDS
        while not (ready.exists() and _is_healthy(url)):
            programs.check()
            if monotonic() > deadline:
                raise TimeoutError(f"convoke is not ready within {_READY_SECONDS} s")
            sleep(_POLL_SECONDS)

    with ExitStack() as resources:
        count, clear = resources.enter_context(world.watch("notifications"))
        resources.enter_context(programs.run())
        wait()
        yield RunningSystem(
            name=f"convoke: {front}",
            url=url,
            headers={"Authorization": "Bearer benchmark"},
            count_notifications=count,
            clear_notifications=clear,
            list_processes=programs.list_ids,
            kill=programs.kill,
            restart=restart,
        )


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).is_success
    except httpx.TransportError:
        return False
