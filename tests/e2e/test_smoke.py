"""`make smoke` against the local stack: it passes on a working one, and reports errors."""

import os
import subprocess
import sys
from pathlib import Path

from e2e.conftest import Stack
from support.processes import wait_until

SCRIPT = Path(__file__).parents[2] / "infra/tools/smoke.py"


def smoke(url: str, token: str, *options: str, guest_token: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, url, *options],
        env={**os.environ, "TOKEN": token, "GUEST_TOKEN": guest_token},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_an_event_is_created_delivered_and_cancelled(stack: Stack) -> None:
    run = smoke(
        stack.url,
        stack.cli.token_of("operator"),
        "--guest",
        "guest-of-operator@example.org",
        guest_token=stack.cli.token_of("guest-of-operator"),
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"{stack.url} works: created in ")
    assert run.stdout.count("\n") == 1
    wait_until(lambda: len(stack.read_inbox("guest-of-operator")) == 2)
    invited, cancelled = sorted(
        stack.read_inbox("guest-of-operator"), key=lambda item: str(item["created_at"])
    )
    assert (invited["type"], cancelled["type"]) == ("event_invited", "event_cancelled")
    event = stack.request("operator", "GET", f"/v1/events/{invited['event_id']}").json()
    assert event["status"] == "cancelled"


def test_a_token_that_is_not_taken_is_named(stack: Stack) -> None:
    run = smoke(stack.url, "no-token")

    assert run.returncode == 1
    assert run.stderr.startswith("smoke: POST /v1/events: 401 instead of 201")
    assert "no-token" not in run.stderr


def test_a_stack_that_does_not_respond_is_one_line() -> None:
    run = smoke("http://127.0.0.1:9", "token")

    assert run.returncode == 1
    assert run.stderr.startswith("smoke: GET /health: no response: ")
    assert run.stderr.count("\n") == 1


def test_a_missing_delivery_is_reported_and_the_event_cancelled(stack: Stack) -> None:
    # The organizer of an event without participants never gets a notification.
    run = smoke(stack.url, stack.cli.token_of("alone"), "--seconds", "0.5", "--guest", "alone@example.org")

    assert run.returncode == 1
    assert run.stderr == "smoke: event_invited is not delivered after 0.5 s: it has no outbox row\n"
    (event,) = stack.request("alone", "GET", "/v1/events").json()["items"]
    assert event["status"] == "cancelled"


def test_what_is_missing_is_said() -> None:
    run = smoke("", "token")

    assert run.returncode == 1
    assert run.stderr == "smoke: needs a URL with https:// and a token: TOKEN=… make smoke URL=…\n"
