"""Start and stop `convoke up`, also after crashes."""

import re
import signal
import stat
from collections.abc import Callable

import httpx
import psutil
import pytest
from e2e.conftest import Stack
from support.processes import find_processes, kill_at_once, wait_until


def family(stack: Stack) -> list[psutil.Process]:
    """Return the process of the stack and all its descendants."""
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


def test_an_event_with_a_201_is_delivered_though_everything_is_killed_then(
    start: Callable[..., Stack],
) -> None:
    stack = start()
    titles = [f"Meeting {number}" for number in range(5)]
    for title in titles:
        assert stack.create_event(title, "ada", "bob", "eve").status_code == 201
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
    event = stack.create_event("Kept", "ada", "bob").json()
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


def find_server(stack: Stack, program: str) -> psutil.Process:
    """Return the server whose parent is a supervisor: PostgreSQL has children of its own."""
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
    # While it is stopped it accepts the connection for a message, and does not respond.
    server.suspend()
    response = stack.create_event("Without a queue", "ada", "bob")
    assert response.status_code == 201
    assert stack.read_inbox("bob") == []

    server.kill()

    wait_until(lambda: len(stack.read_inbox("bob")) == 1)
    assert stack.stop().status == 0


def test_a_worker_that_is_killed_is_replaced(start: Callable[..., Stack]) -> None:
    stack = start()
    for process in family(stack):
        if "convoke_worker.handler.handler" in process.cmdline():
            process.kill()

    assert stack.create_event("Still told", "ada", "bob").status_code == 201

    wait_until(lambda: len(stack.read_inbox("bob")) == 1)


def test_the_file_that_names_the_services_is_for_its_owner_alone(start: Callable[..., Stack]) -> None:
    stack = start()

    path = stack.cli.data_folder / "stack.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    state = stack.read_state()
    assert state["url"] == stack.url
    assert state["database_url"].startswith("postgresql://")
    assert state["queue_url"].startswith(state["sqs_endpoint"])
