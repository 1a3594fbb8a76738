"""Run the embedded PostgreSQL: a real server on a free loopback port, which ends with this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pg8000
import pg8000.exceptions

from convoke_local.errors import LocalStackError
from convoke_local.postgres.cluster import ENVIRONMENT, FILES_OF_ACCOUNT, USER, Cluster, open_cluster
from convoke_local.processes.children import Child, start_child
from convoke_local.processes.folders import hold_folder, make_folder
from convoke_local.processes.ports import HOST
from convoke_local.processes.servers import Server, start_server

#: Recovery after a crash reads the log from the last checkpoint on.
_START_SECONDS = 120

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "jit": "off",
    # As in infra/database.yaml: texts of users stay out of the log. A unique violation's detail names the
    # values of its key, a deadlock's the statements.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
#: A crash of the machine may then destroy the files. A crash of the server loses nothing, as long as each
#: commit writes its log: so synchronous_commit stays on.
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


@contextmanager
def run_postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Run a server with its data in `folder` for the length of the block; see `run_postgres_server`.

    Yields its postgresql:// URL.
    """
    with run_postgres_server(folder, durable=durable) as server:
        yield server.url


@contextmanager
def run_postgres_server(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Run a server with its data in `folder`, which is created at first use and kept.

    `durable=False` gives up safety against power failure for speed: for tests. Raises LocalStackError
    when the folder is not writable, is in use or belongs to another user, or when the server does not start.
    """
    folder = make_folder(folder, of_account=FILES_OF_ACCOUNT)
    with hold_folder(folder):
        cluster = open_cluster(folder, durable=durable)
        settings = _SETTINGS if durable else _SETTINGS | _NOT_DURABLE
        port, child = start_server(
            "PostgreSQL",
            start=lambda port: _start(cluster, port, settings),
            is_ready=lambda port: _is_ready(cluster, port),
            log=cluster.log,
            port_taken=b"Address already in use",
            within_seconds=_START_SECONDS,
        )
        try:
            url = f"postgresql://{USER}:{cluster.password}@{HOST}:{port}/{USER}"
            yield Server("PostgreSQL", url, cluster.log, child)
        finally:
            child.stop()


def _start(cluster: Cluster, port: int, settings: dict[str, str]) -> Child:
    return start_child(
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


def _is_ready(cluster: Cluster, port: int) -> bool:
    try:
        connection = pg8000.connect(
            USER, host=HOST, port=port, password=cluster.password, database="postgres", timeout=5
        )
    except (pg8000.exceptions.Error, OSError):
        # Not listening yet, or in recovery.
        return False
    try:
        _prepare(connection, cluster.data)
    finally:
        connection.close()
    return True


def _prepare(connection: Any, data: Path) -> None:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SHOW data_directory")
    found = cursor.fetchone()[0]
    if Path(found) != data:
        raise LocalStackError(f"the PostgreSQL at this port runs in {found}, not in {data}")
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (USER,))
    if cursor.fetchone() is None:
        cursor.execute(f"CREATE DATABASE {USER}")
