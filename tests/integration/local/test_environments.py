"""Execution environments: processes that serve one invocation at a time and can be killed."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from convoke_local.lambda_.environment import Environment
from convoke_local.lambda_.functions import (
    Function,
    FunctionCrashedError,
    FunctionError,
    FunctionTimeoutError,
    ThrottledError,
)
from convoke_local.lambda_.pool import EnvironmentPool
from support.processes import find_processes, run_python, wait_until

HERE = Path(__file__).parent


def make_function(handler: str = "handlers.behave", **options: Any) -> Function:
    options = {"timeout_seconds": 20, "variables": {"PYTHONPATH": str(HERE), "COLOUR": "red"}} | options
    return Function("painter", handler, **options)


@pytest.fixture
def make_pool(tmp_path: Path) -> Iterator[Callable[..., EnvironmentPool]]:
    pools: list[EnvironmentPool] = []

    def make(function: Function | None = None, *, limit: int = 2) -> EnvironmentPool:
        pools.append(EnvironmentPool(function or make_function(), limit=limit, log=tmp_path / "painter.log"))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def send(pool: EnvironmentPool, *, wait_seconds: float = 20, **event: Any) -> dict[str, Any]:
    response: dict[str, Any] = json.loads(pool.invoke(json.dumps(event), wait_seconds=wait_seconds))
    return response


def test_a_function_runs_in_a_process_of_its_own_with_its_own_variables(
    make_pool: Callable[..., EnvironmentPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PERSON", "x")

    response = send(make_pool(), text="ж")

    assert response["process_id"] != os.getpid()
    assert response["event"] == {"text": "ж"}
    assert 0 < response["remaining_milliseconds"] <= 20_000
    assert response["variables"]["COLOUR"] == "red"
    assert response["variables"]["AWS_LAMBDA_FUNCTION_NAME"] == "painter"
    assert "SECRET_OF_THE_PERSON" not in response["variables"]


def test_an_environment_stays_warm(make_pool: Callable[..., EnvironmentPool]) -> None:
    pool = make_pool()

    assert len({send(pool)["process_id"] for _ in range(5)}) == 1


def test_an_exception_is_reported_and_the_environment_stays(
    make_pool: Callable[..., EnvironmentPool],
) -> None:
    pool = make_pool()
    before = send(pool)["process_id"]

    with pytest.raises(FunctionError, match="ValueError: boom") as caught:
        send(pool, **{"raise": "boom"})

    assert caught.value.kind == "ValueError"
    assert send(pool)["process_id"] == before


def test_an_environment_that_ends_is_replaced(make_pool: Callable[..., EnvironmentPool]) -> None:
    pool = make_pool()
    before = send(pool)["process_id"]

    with pytest.raises(FunctionCrashedError, match="status 3"):
        send(pool, exit_status=3)

    assert send(pool)["process_id"] != before


def test_an_idle_environment_that_was_killed_is_replaced_unnoticed(
    make_pool: Callable[..., EnvironmentPool],
) -> None:
    pool = make_pool()
    before = send(pool)["process_id"]
    os.kill(before, signal.SIGKILL)
    # Until its last thread has ended, the process is a zombie that its parent cannot see yet.
    wait_until(lambda: os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None)

    assert send(pool)["process_id"] != before


def test_an_environment_is_killed_at_its_timeout_and_replaced(
    make_pool: Callable[..., EnvironmentPool],
) -> None:
    pool = make_pool(make_function(timeout_seconds=1))
    before = send(pool)["process_id"]

    with pytest.raises(FunctionTimeoutError, match=r"timed out after 1\.00 seconds"):
        send(pool, sleep_seconds=600)

    assert not _runs(before)
    assert send(pool)["process_id"] != before


def test_as_many_run_at_once_as_the_limit_says_and_the_others_wait(
    make_pool: Callable[..., EnvironmentPool],
) -> None:
    pool = make_pool(limit=2)

    with ThreadPoolExecutor(6) as threads:
        responses = list(threads.map(lambda _: send(pool, sleep_seconds=0.2), range(6)))

    assert len({response["process_id"] for response in responses}) == 2


def test_a_caller_that_waits_too_long_is_throttled(make_pool: Callable[..., EnvironmentPool]) -> None:
    pool = make_pool(limit=1)
    pool.warm_up()

    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(send, pool, sleep_seconds=1)
        wait_until(lambda: not pool._idle)
        with pytest.raises(ThrottledError, match="all 1 environments of painter are busy"):
            send(pool, wait_seconds=0.05)
        assert busy.result()


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        ("broken_handler.handler", "RuntimeError: the settings are wrong"),
        ("no_such_module.handler", "ModuleNotFoundError"),
        ("handlers.no_such_function", "AttributeError"),
    ],
)
def test_a_handler_that_cannot_be_imported_is_reported(
    make_pool: Callable[..., EnvironmentPool], handler: str, reason: str
) -> None:
    with pytest.raises(FunctionError, match=reason):
        make_pool(make_function(handler)).warm_up()


def test_what_a_function_prints_goes_to_its_log(
    make_pool: Callable[..., EnvironmentPool], tmp_path: Path
) -> None:
    send(make_pool(), print="a line")

    assert (tmp_path / "painter.log").read_text().splitlines() == ["a line", "to standard error"]


def test_events_and_results_of_six_megabytes_pass(make_pool: Callable[..., EnvironmentPool]) -> None:
    text = "x" * 6_000_000

    assert send(make_pool(), text=text)["event"] == {"text": text}


def test_closing_ends_busy_environments_too(
    make_pool: Callable[..., EnvironmentPool], tmp_path: Path
) -> None:
    pool = make_pool()
    pool.warm_up()

    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(send, pool, sleep_seconds=600)
        wait_until(lambda: not pool._idle)
        pool.close()
        with pytest.raises(FunctionCrashedError):
            busy.result()
    with pytest.raises(ThrottledError, match="being stopped"):
        send(pool)


PARENT = """
import sys, threading, time
from pathlib import Path
from convoke_local.lambda_.environment import Environment
from convoke_local.lambda_.functions import Function
function = Function("child", "handlers.behave", 600, variables={"PYTHONPATH": sys.argv[1]})
environment = Environment(function, Path(sys.argv[2]))
environment.wait_until_ready()
threading.Thread(target=environment.invoke, args=['{"sleep_seconds": 600}'], daemon=True).start()
print(environment.process_id, flush=True)
time.sleep(600)
"""


def test_an_environment_dies_with_its_parent_in_the_middle_of_an_invocation(tmp_path: Path) -> None:
    with run_python(PARENT, HERE, tmp_path / "log") as (parent, line):
        assert _runs(int(line))
        parent.kill()
        wait_until(lambda: not _runs(int(line)))


def test_time_is_measured_for_each_invocation_anew(tmp_path: Path) -> None:
    environment = Environment(make_function(timeout_seconds=2), tmp_path / "log")
    try:
        environment.wait_until_ready()
        for _ in range(3):
            started = time.monotonic()
            environment.invoke('{"sleep_seconds": 0.8}')
            assert time.monotonic() - started >= 0.8
    finally:
        environment.kill()


def _runs(process_id: int) -> bool:
    return any(process.pid == process_id for process in find_processes("convoke_local.lambda_.runtime"))
