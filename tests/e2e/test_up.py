"""Starting and stopping: `convoke up` on good days and bad ones."""

import os
import re
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest
from convoke.database import make_engine, transaction
from convoke_local.postgres import run_postgres
from e2e.conftest import Cli, Stack
from support.processes import find_processes, kill_at_once, wait_until


def family(stack: Stack) -> list[psutil.Process]:
    """The process of the stack and all that it started."""
    root = psutil.Process(stack.process.pid)
    return [root, *root.children(recursive=True)]


def all_gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_of_it_and_leaves_nothing(
    start: Callable[..., Stack], number: signal.Signals
) -> None:
    stack = start()
    processes = family(stack)
    assert len(processes) > 6
    assert httpx.get(f"{stack.url}/health").json() == {"status": "ok"}

    outcome = stack.stop(number)

    assert outcome.status == 0
    assert (outcome.stdout, outcome.stderr) == ("", "")
    assert all_gone(processes)
    assert find_processes(stack.cli.data_folder) == []
    assert not (stack.cli.data_folder / "stack.json").exists()


def test_kill_nine_of_the_stack_leaves_no_process(start: Callable[..., Stack]) -> None:
    stack = start()
    processes = family(stack)

    stack.kill()

    wait_until(lambda: all_gone(processes))


def test_what_was_answered_with_201_is_delivered_though_everything_is_killed_then(
    start: Callable[..., Stack],
) -> None:
    stack = start()
    titles = [f"Meeting {number}" for number in range(5)]
    for title in titles:
        assert stack.create_meeting(title, "ada", "bob", "eve").status_code == 201
    processes = family(stack)
    kill_at_once(*(process.pid for process in processes))
    stack.wait()
    wait_until(lambda: all_gone(processes))

    stack = start()

    for person in ("bob", "eve"):
        wait_until(lambda person=person: len(stack.read_inbox(person)) >= 5)
        messages = [item["message"] for item in stack.read_inbox(person)]
        assert sorted(re.findall("Meeting .", " ".join(messages))) == titles
    assert stack.read_inbox("ada") == []


def test_data_survives_a_restart_and_fresh_starts_empty(start: Callable[..., Stack]) -> None:
    stack = start()
    event = stack.create_meeting("Kept", "ada", "bob").json()
    wait_until(lambda: len(stack.read_inbox("bob")) == 1)
    assert stack.stop().status == 0

    stack = start()
    assert stack.request("ada", "GET", f"/v1/events/{event['id']}").json()["title"] == "Kept"
    assert len(stack.read_inbox("bob")) == 1
    assert stack.read_status()["delivered"] == 1
    assert stack.stop().status == 0

    stack = start("--fresh")
    assert stack.request("ada", "GET", f"/v1/events/{event['id']}").status_code == 404
    assert stack.read_inbox("bob") == []
    assert stack.read_status()["delivered"] == 0


def test_a_second_up_on_the_same_folder_is_refused(start: Callable[..., Stack]) -> None:
    stack = start()

    second = stack.cli.run("up")

    assert second.status == 1
    assert second.stdout == ""
    assert re.fullmatch(
        rf"convoke: .* is in use by process {stack.process.pid}; stop it, .*\n", second.stderr
    )
    assert httpx.get(f"{stack.url}/health").status_code == 200


def test_a_port_that_is_taken_is_one_clear_line(make_cli: Callable[..., Cli]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        outcome = make_cli(CONVOKE_PORT=str(port)).run("up")

    assert outcome.status == 1
    assert re.fullmatch(rf"convoke: port {port} cannot be used: .*CONVOKE_PORT\n", outcome.stderr)


def test_a_folder_that_cannot_be_written_is_one_clear_line(
    make_cli: Callable[..., Cli], tmp_path: Path
) -> None:
    # Even root cannot make a folder in a file.
    (tmp_path / "file").touch()

    outcome = make_cli(CONVOKE_DATA_DIR=str(tmp_path / "file" / "data")).run("up")

    assert outcome.status == 1
    assert re.fullmatch(r"convoke: cannot write to .*CONVOKE_DATA_DIR.*\n", outcome.stderr)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_one_clear_line(make_cli: Callable[..., Cli]) -> None:
    outcome = make_cli(CONVOKE_DATA_DIR="/convoke-data").run("up")

    assert outcome.status == 1
    assert re.fullmatch(r"convoke: cannot write to /convoke-data: .*\n", outcome.stderr)


def test_a_database_that_does_not_answer_is_one_clear_line(make_cli: Callable[..., Cli]) -> None:
    with socket.socket() as closed:
        # Bound and not listening: nobody else gets the port, and nobody answers.
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        outcome = make_cli(DATABASE_URL=f"postgresql://ada:hidden@127.0.0.1:{port}/x").run("up")

    assert outcome.status == 1
    assert re.fullmatch(
        rf"convoke: the database of DATABASE_URL at 127.0.0.1:{port} does not answer: .*\n", outcome.stderr
    )
    assert "hidden" not in outcome.stderr


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://127.0.0.1:port/x", "must be postgresql://user:password@host:port/database"),
        ("postgresql://127.0.0.1/x", "must be postgresql://user:password@host:port/database"),
        ("postgresql://ada@127.0.0.1/x?sslmode=no", "has an option that pg8000 does not know: .*sslmode.*"),
    ],
)
def test_a_database_url_that_cannot_be_used_is_one_clear_line(
    make_cli: Callable[..., Cli], url: str, reason: str
) -> None:
    outcome = make_cli(DATABASE_URL=url).run("up")

    assert outcome.status == 1
    assert re.fullmatch(rf"convoke: DATABASE_URL {reason}\n", outcome.stderr)


def test_a_migration_that_fails_is_one_clear_line(make_cli: Callable[..., Cli], tmp_path: Path) -> None:
    with run_postgres(tmp_path / "own", durable=False) as url:
        engine = make_engine(url, timeout_seconds=10, application_name="tests")
        with transaction(engine) as connection:
            # A person's own database, with a table in the way.
            connection.exec_driver_sql("CREATE TABLE users (id int)")
        engine.dispose()

        outcome = make_cli(DATABASE_URL=url).run("up")

    assert outcome.status == 1
    assert re.fullmatch(
        r"convoke: the migrator function failed: .*already exists.*migrator.log\)\n", outcome.stderr
    )


@pytest.mark.parametrize("name", ["CONVOKE_PORT", "DATABASE_URL"])
def test_a_variable_that_cannot_be_is_one_clear_line(make_cli: Callable[..., Cli], name: str) -> None:
    outcome = make_cli(**{name: "nonsense"}).run("up")

    assert outcome.status == 1
    assert re.fullmatch(rf"convoke: {name} must .*\n", outcome.stderr)


def find_server(stack: Stack, program: str) -> psutil.Process:
    """The server whose parent is a supervisor: PostgreSQL has children of its own."""
    (server,) = [
        process
        for process in family(stack)
        if any(part.endswith(f"bin/{program}") for part in process.cmdline()[:2])
        and "supervisor.py" in " ".join(psutil.Process(process.ppid()).cmdline())
    ]
    return server


def test_when_postgresql_dies_the_stack_ends_with_the_reason(start: Callable[..., Stack]) -> None:
    stack = start()
    processes = family(stack)

    find_server(stack, "postgres").kill()
    outcome = stack.wait()

    assert outcome.status == 1
    assert re.fullmatch(
        r"convoke: PostgreSQL ended by itself \(status 137; see .*server.log\)\n", outcome.stderr
    )
    wait_until(lambda: all_gone(processes))


def test_when_sqs_dies_it_is_started_again_and_nothing_is_lost(start: Callable[..., Stack]) -> None:
    stack = start()
    server = find_server(stack, "ministack")
    # While it is frozen it takes a message's connection, and never answers.
    server.suspend()
    answer = stack.create_meeting("Without a queue", "ada", "bob")
    assert answer.status_code == 201
    assert stack.read_inbox("bob") == []

    server.kill()

    wait_until(lambda: len(stack.read_inbox("bob")) == 1)
    assert stack.stop().status == 0


def test_a_worker_that_is_killed_is_replaced(start: Callable[..., Stack]) -> None:
    stack = start()
    for process in family(stack):
        if "convoke_worker.handler.handler" in process.cmdline():
            process.kill()

    assert stack.create_meeting("Still told", "ada", "bob").status_code == 201

    wait_until(lambda: len(stack.read_inbox("bob")) == 1)


def test_the_file_that_names_the_services_is_for_its_owner_alone(start: Callable[..., Stack]) -> None:
    stack = start()

    path = stack.cli.data_folder / "stack.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    state = stack.read_state()
    assert state["url"] == stack.url
    assert state["database_url"].startswith("postgresql://")
    assert state["queue_url"].startswith(state["sqs_endpoint"])
