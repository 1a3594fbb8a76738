"""The embedded PostgreSQL: a real server on a free loopback port, ended with the process that started it."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pg8000
import pg8000.exceptions

from convoke_local.children import Child, start_child
from convoke_local.cluster import ENVIRONMENT, USER, Cluster, last_line, open_cluster
from convoke_local.errors import LocalStackError
from convoke_local.folders import hold_folder, make_folder

HOST = "127.0.0.1"

#: Recovery after a crash reads the log from the last checkpoint on.
_START_SECONDS = 120
_PORT_ATTEMPTS = 5
_POLL_SECONDS = 0.02

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "jit": "off",
}
#: A crash of the machine may then destroy the files; a crash of the server does not.
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """A running server: its address, and the process behind it."""

    def __init__(self, url: str, child: Child) -> None:
        self.url = url
        self.child = child


@contextmanager
def run_postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """A server with its data in `folder` for the length of the block; see `run_postgres_server`.

    Yields its postgresql:// URL.
    """
    with run_postgres_server(folder, durable=durable) as server:
        yield server.url


@contextmanager
def run_postgres_server(folder: Path, *, durable: bool = True) -> Iterator[PostgresServer]:
    """Start a server with its data in `folder`, which is made at first use and kept.

    `durable=False` gives up safety against power failure for speed: for tests. Raises LocalStackError
    when the folder is not writable, in use or somebody else's, or when the server does not start.
    """
    folder = make_folder(folder)
    with hold_folder(folder):
        cluster = open_cluster(folder, durable=durable)
        server = _start(cluster, _SETTINGS if durable else _SETTINGS | _NOT_DURABLE)
        try:
            yield server
        finally:
            server.child.stop()


def find_free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _start(cluster: Cluster, settings: dict[str, str]) -> PostgresServer:
    for _ in range(_PORT_ATTEMPTS):
        port = find_free_port()
        already_logged = cluster.log.stat().st_size if cluster.log.exists() else 0
        child = start_child(
            [
                cluster.programs / "postgres",
                *("-D", str(cluster.data), "-p", str(port)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            log=cluster.log,
            environment=ENVIRONMENT,
            # "Fast shutdown" of postgres(1): sessions are ended, and a checkpoint is written.
            stop="SIGINT",
            account=cluster.account,
        )
        try:
            if _wait_until_ready(cluster, child, port):
                url = f"postgresql://{USER}:{cluster.password}@{HOST}:{port}/{USER}"
                return PostgresServer(url, child)
        except BaseException:
            child.stop()
            raise
        if b"Address already in use" not in cluster.log.read_bytes()[already_logged:]:
            break
    reason = last_line(cluster.log, after=already_logged)
    raise LocalStackError(f"PostgreSQL did not start: {reason} (see {cluster.log})")


def _wait_until_ready(cluster: Cluster, child: Child, port: int) -> bool:
    """True when the very server that was started answers; False when it has ended."""
    deadline = time.monotonic() + _START_SECONDS
    while child.exit_status() is None:
        if time.monotonic() > deadline:
            raise LocalStackError(f"PostgreSQL did not answer within {_START_SECONDS} s (see {cluster.log})")
        try:
            connection = pg8000.connect(
                USER, host=HOST, port=port, password=cluster.password, database="postgres", timeout=5
            )
        except (pg8000.exceptions.Error, OSError):
            # Not listening yet, or in recovery.
            time.sleep(_POLL_SECONDS)
            continue
        try:
            _prepare(connection, cluster.data)
        finally:
            connection.close()
        return True
    return False


def _prepare(connection: Any, data: Path) -> None:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SHOW data_directory")
    found = cursor.fetchone()[0]
    if Path(found) != data:
        raise LocalStackError(f"the PostgreSQL that answers works in {found}, not in {data}")
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (USER,))
    if cursor.fetchone() is None:
        cursor.execute(f"CREATE DATABASE {USER}")
