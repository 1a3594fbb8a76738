"""`convoke import` with the whole local stack."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from integration.importer.scene import move_on

SAMPLE = Path(__file__).parents[3] / "examples" / "team-week.ics"
EXAMPLES = Path(__file__).parents[4] / "shared" / "data" / "itip-rfc2446.ics"
COMMAND_SECONDS, STOP_SECONDS, DELIVERY_SECONDS = 60, 30, 30

type Convoke = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data folder of this test's own, and a port that the stack chooses."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "AWS_ENDPOINT_URL_SQS")
    }
    return inherited | {"CONVOKE_PORT": "0", "CONVOKE_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def convoke(environment: dict[str, str]) -> Convoke:
    """Runs one command to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "convoke_local.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    return run


@pytest.fixture
def stack_url(environment: dict[str, str]) -> Iterator[str]:
    """Start a stack and return its URL."""
    stack = subprocess.Popen(
        [sys.executable, "-m", "convoke_local.cli", "up"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert stack.stdout is not None
        ready, _, url = stack.stdout.readline().rpartition(" ")
        assert ready == "Convoke is ready at"
        yield url.strip()
    finally:
        stack.terminate()
        stack.communicate(timeout=STOP_SECONDS)


def read_messages(url: str, token: str) -> list[str]:
    response = httpx.get(f"{url}/v1/notifications", headers={"Authorization": f"Bearer {token}"})
    return [item["message"] for item in response.raise_for_status().json()["items"]]


def test_an_imported_week_reaches_the_inboxes_once(stack_url: str, convoke: Convoke) -> None:
    first = convoke("import", "--json", str(SAMPLE))
    assert (first.returncode, first.stderr) == (0, "")
    summary = json.loads(first.stdout)
    assert summary["created"] == 6
    again = convoke("import", "--json", str(SAMPLE))
    assert json.loads(again.stdout)["created"] == 0
    assert [skip["reason"] for skip in json.loads(again.stdout)["skipped"]] == ["already imported"] * 6 + [
        "not yet supported: recurrence"
    ]

    token = convoke("token", "boris@example.org").stdout.strip()
    deadline = monotonic() + DELIVERY_SECONDS
    while len(messages := read_messages(stack_url, token)) < 4:
        assert monotonic() < deadline, messages
        sleep(0.1)
    titles = ("Планёрка недели", "Анна и Борис: разговор один на один", "Release 1.0")
    for title in (*titles, "Ретроспектива / Retrospective"):
        assert sum(f"Вас пригласили на встречу «{title}»" in message for message in messages) == 1
    assert len(messages) == 4


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="the public test files are not beside the checkout")
def test_two_imports_of_one_file_at_once_do_everything_once(
    stack_url: str, convoke: Convoke, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "examples.ics"
    path.write_bytes(move_on(EXAMPLES.read_bytes()))
    command = [sys.executable, "-m", "convoke_local.cli", "import", "--json", str(path)]
    imports = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
    summaries = [json.loads(each.communicate(timeout=COMMAND_SECONDS)[0]) for each in imports]
    assert [each.returncode for each in imports] == [0, 0]
    done = {name: sum(summary[name] for summary in summaries) for name in ("created", "updated", "cancelled")}
    assert done == {"created": 3, "updated": 2, "cancelled": 2}
    assert sum(summary["replied"] for summary in summaries) == 2

    # As test_end_states.py states it: B's invitations, update and cancellation; D's; and A's two responses.
    notified = {"b@example.com": 4, "d@example.com": 3, "a@example.com": 2}
    deadline = monotonic() + DELIVERY_SECONDS
    tokens = {person: convoke("token", person).stdout.strip() for person in notified}
    while any(len(read_messages(stack_url, tokens[person])) < count for person, count in notified.items()):
        assert monotonic() < deadline
        sleep(0.1)
    again = json.loads(convoke("import", "--json", str(path)).stdout)
    assert [again[count] for count in ("created", "updated", "cancelled", "replied")] == [0, 0, 0, 0]
    while json.loads(convoke("status", "--json").stdout)["outbox"]["pending"]:
        assert monotonic() < deadline
    assert {person: len(read_messages(stack_url, tokens[person])) for person in notified} == notified


def test_without_a_stack_there_is_one_line_and_status_1(convoke: Convoke) -> None:
    outcome = convoke("import", str(SAMPLE))
    assert outcome.returncode == 1
    assert len(outcome.stderr.splitlines()) == 1
    assert "Traceback" not in outcome.stderr
