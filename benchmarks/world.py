"""Makes the world of all systems: one PostgreSQL with durable commits, the product's tables, and people."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_local.postgres.server import run_postgres
from convoke_local.processes.ports import HOST, find_free_port
from convoke_migrator.migrations import upgrade
from sqlalchemy import Connection, Engine, text

_ROOT = Path(__file__).parents[1]
_START_POLLS = 500
_POLL_SECONDS = 0.02

_PEOPLE = text("""
INSERT INTO users (email, email_key, full_name)
SELECT address, address, 'Person ' || number
FROM (SELECT number, 'person' || number || '@example.com' AS address
      FROM generate_series(1, CAST(:people AS integer)) AS number) AS made
RETURNING id
""")


@dataclass(frozen=True, slots=True)
class World:
    """A database with people in it, and a folder for a system's files.

    `people` are the ids of the users, in no order.
    """

    folder: Path
    database_url: str
    people: Sequence[str]

    @contextmanager
    def open_engine(self) -> Iterator[Engine]:
        """Open an engine for checks and preparation; the systems make their own."""
        engine = make_engine(self.database_url, timeout_seconds=600, application_name="benchmarks")
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def open_connection(self) -> Iterator[Connection]:
        """Open a connection in autocommit mode."""
        with (
            self.open_engine() as engine,
            engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            yield connection

    @contextmanager
    def watch(self, table: str) -> Iterator[tuple[Callable[[], int], Callable[[], None]]]:
        """Empty the table; yield a function that counts its rows and one that empties it again."""
        count = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of this package
        truncate = text(f"TRUNCATE {table}")
        with self.open_connection() as connection:
            connection.execute(truncate)
            yield (
                lambda: connection.execute(count).scalar_one(),
                lambda: connection.execute(truncate).close(),
            )

    def analyze(self) -> None:
        """Update the planner's statistics, as the server itself does within a minute."""
        with self.open_connection() as connection:
            connection.execute(text("ANALYZE"))

    def remove_outbox_rows(self) -> None:
        """Remove all outbox rows, so that no relay finds undelivered rows of another system."""
        with self.open_engine() as engine, transaction(engine) as connection:
            connection.execute(text("TRUNCATE outbox"))


@contextmanager
def make_world(people: int, *, durable: bool = True) -> Iterator[World]:
    """Make a server on a free port, with fsync on, and a migrated database with `people` users.

    `durable=False` is for measures that only read.
    """
    with tempfile.TemporaryDirectory(prefix="convoke-bench-") as folder:
        # PostgreSQL runs as a user of its own if root starts it.
        Path(folder).chmod(0o755)
        with run_postgres(Path(folder) / "postgres", durable=durable) as url:
            engine = make_engine(url, timeout_seconds=600, application_name="benchmarks")
            try:
                with transaction(engine) as connection:
                    upgrade(connection)
                with transaction(engine) as connection:
                    ids = add_people(connection, people)
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("VACUUM (ANALYZE) users"))
            finally:
                engine.dispose()
            yield World(Path(folder), url, ids)


def add_people(connection: Connection, people: int) -> list[str]:
    """Insert `people` users with an address each; return their ids."""
    return [str(id_) for id_ in connection.execute(_PEOPLE, {"people": people}).scalars()]


@contextmanager
def run_delayed_queue(delay_ms: float) -> Iterator[str]:
    """Run a queue that responds to each call after `delay_ms`; yield its endpoint. See delayed_queue."""
    port = find_free_port()
    with run_program([sys.executable, "-m", "benchmarks.delayed_queue", str(port), str(delay_ms)], {}):
        wait_for_port(port)
        yield f"http://{HOST}:{port}"


@contextmanager
def run_program(arguments: Sequence[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program during the block, with the project's root as its working directory.

    Its output goes to this process's standard error. It is ended with SIGTERM, then killed.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", "/"),
        **variables,
    }
    process = subprocess.Popen(  # noqa: S603 - the programs of this benchmark
        arguments, cwd=_ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port: int) -> None:
    """Wait until a program listens on the port. Raises TimeoutError."""
    import socket

    for _ in range(_START_POLLS):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        sleep(_POLL_SECONDS)
    raise TimeoutError(f"nothing listens on port {port}")


def port_of(url: str) -> int:
    """Return the port of a URL."""
    port = urlsplit(url).port
    if port is None:
        raise ValueError(f"no port in {url}")
    return port
