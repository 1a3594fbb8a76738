"""Crashes and restarts a real PostgreSQL behind a proxy whose address stays the same."""

import contextlib
import logging
import os
import random
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pg8000
from chaos.database_proxy import DatabaseProxy
from chaos.faults import Faults
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_local.postgres.server import run_postgres_server
from convoke_local.processes.ports import HOST
from convoke_local.processes.servers import Server
from convoke_migrator.migrations import upgrade
from sqlalchemy import make_url

#: Few, so that exhausting them is quick; the functions take about ten.
_MAX_CONNECTIONS = 24
_STARTS = 3
_FUNCTIONS = ("convoke-api", "convoke-worker", "convoke-relay")

_logger = logging.getLogger(__name__)


class CrashingDatabase:
    """The server with the proxy in front of it, and their faults. Use it as a context manager."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults
        self._server: ExitStack = ExitStack()
        self._lock = threading.Lock()
        self._start()
        self._execute(f"ALTER SYSTEM SET max_connections = {_MAX_CONNECTIONS}")
        self._restart()
        engine = make_engine(self.direct_url, timeout_seconds=60, application_name="chaos")
        with transaction(engine) as connection:
            upgrade(connection)
        engine.dispose()
        self.proxy = DatabaseProxy(self._address.port or 0, faults)

    def __enter__(self) -> "CrashingDatabase":
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.close()
        self._server.close()

    @property
    def direct_url(self) -> str:
        """Return the URL without the proxy; another one after each crash."""
        return self._address.render_as_string(hide_password=False)

    @property
    def proxied_url(self) -> str:
        """Return the URL for the functions."""
        return self._address.set(host=HOST, port=self.proxy.port).render_as_string(hide_password=False)

    def crash(self) -> None:
        """Stop the server as `pg_ctl stop -m immediate` does, and start it again; it recovers."""
        with self._lock:
            # The postmaster's number is the first line; "immediate shutdown" is SIGQUIT (postgres(1)).
            number = int((self._folder / "data" / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
            os.kill(number, signal.SIGQUIT)
            self._faults.count("database.crash")
            self._restart()
            self.proxy.upstream_port = self._address.port or 0

    def terminate(self, chance: random.Random) -> None:
        """End one of the functions' sessions from the server's side (pg_terminate_backend)."""
        if self._terminate(chance.choice(_FUNCTIONS)):
            self._faults.count("database.terminate")

    def exhaust(self, seconds: float) -> None:
        """Take all remaining connections (others then get 53300), and close them after `seconds`."""
        with contextlib.ExitStack() as taken:
            self._take_all(taken)
            # Places of the functions' sessions that end now are taken too.
            for function in _FUNCTIONS:
                self._terminate(function)
                self._take_all(taken)
            self._faults.count("database.exhaust")
            threading.Event().wait(seconds)

    def _take_all(self, taken: ExitStack) -> None:
        with contextlib.suppress(pg8000.Error, OSError):
            for _ in range(2 * _MAX_CONNECTIONS):
                taken.callback(_close, self._connect())

    def _terminate(self, function: str) -> bool:
        try:
            ended = self._execute(
                f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = '{function}' ORDER BY random() LIMIT 1"""
            )
        except (pg8000.Error, OSError):
            return False
        return bool(ended)

    def _start(self) -> None:
        self._server = ExitStack()
        server: Server = self._server.enter_context(run_postgres_server(self._folder, durable=False))
        self._address = make_url(server.url)

    def _restart(self) -> None:
        self._server.close()
        for attempts_left in reversed(range(_STARTS)):
            try:
                return self._start()
            except Exception:
                # The faults keep the machine busy; a server that never starts again ends the run.
                _logger.exception("PostgreSQL did not start again")
                if not attempts_left:
                    raise
        return None

    def _connect(self) -> Any:
        address = self._address
        return pg8000.connect(
            address.username,
            host=address.host,
            port=address.port,
            password=address.password,
            database=address.database,
            timeout=5,
        )

    def _execute(self, statement: str) -> Any:
        connection = self._connect()
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else ()
        finally:
            _close(connection)


def _close(connection: Any) -> None:
    # A server that has crashed has closed it.
    with contextlib.suppress(pg8000.Error, OSError):
        connection.close()
