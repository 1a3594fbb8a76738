"""Run the local SQS server: ministack, which has the real protocol, in a virtual environment of its own."""

import http.client
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convoke_local.errors import LocalStackError
from convoke_local.processes.children import Child, start_child
from convoke_local.processes.folders import hold_folder, make_folder
from convoke_local.processes.ports import HOST
from convoke_local.processes.servers import Server, start_server

_PROGRAM = Path(__file__).parents[3] / ".tools" / "ministack" / "bin" / "ministack"

_NAME = "the SQS server"
_LOG = "server.log"
_START_SECONDS = 30
_STOP_SECONDS = 4


@contextmanager
def run_sqs(folder: Path, *, port: int | None = None) -> Iterator[str]:
    """Run an SQS server for the length of the block; see `run_sqs_server`. Yields its endpoint URL."""
    with run_sqs_server(folder, port=port) as server:
        yield server.url


@contextmanager
def run_sqs_server(folder: Path, *, port: int | None = None) -> Iterator[Server]:
    """Run a server that saves its queues and messages in `folder` when it is stopped.

    When it is killed, it loses the messages since its start: the relay sends those of undelivered rows again.
    It checks no credentials, and listens on the loopback address only, at a free port unless `port` is given.
    Raises LocalStackError when it does not start.
    """
    if not _PROGRAM.exists():
        raise LocalStackError("the local SQS server is not installed: run `make setup`")
    folder = make_folder(folder)
    with hold_folder(folder):
        chosen, child = _start(folder, port)
        server = Server(_NAME, f"http://{HOST}:{chosen}", folder / _LOG, child)
        server.restart = lambda: _start(folder, chosen)[1]
        try:
            yield server
        finally:
            server.child.stop()


def _start(folder: Path, port: int | None) -> tuple[int, Child]:
    log = folder / _LOG
    mark = secrets.token_hex(8)
    return start_server(
        _NAME,
        start=lambda port: start_child(
            [_PROGRAM],
            log=log,
            environment=_environment(folder, port, mark),
            # It waits for long polls, also of other clients, before it saves anything.
            grace_seconds=_STOP_SECONDS,
        ),
        is_ready=lambda port: _read_mark(port) == mark,
        log=log,
        port_taken=b"already in use",
        within_seconds=_START_SECONDS,
        port=port,
    )


def _environment(folder: Path, port: int, mark: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        # EDGE_PORT alone, without GATEWAY_PORT: the latter is part of the stored queues' names, and the port
        # differs at each start. Responses have the address of the request.
        "EDGE_PORT": str(port),
        "BIND_HOST": HOST,
        "SERVICES": "sqs",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        # Its process number is written there.
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "LOG_LEVEL": "WARNING",
        # No other servers, and no access to containers that another ministack may have started.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder / 'no-docker'}",
        # The health response contains it, which identifies the server that was started.
        "MINISTACK_EDITION": mark,
    }


def _read_mark(port: int) -> str | None:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        edition = json.loads(connection.getresponse().read()).get("edition")
        return edition if isinstance(edition, str) else None
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return None
    finally:
        connection.close()
