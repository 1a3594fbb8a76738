"""Requests that are made to cost a lot, each sent by a process of its own that says what it took."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from convoke.database.engine import make_engine
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from integration.api.client import Client, RecordingQueue, current_loop
from integration.security.equal_hashes import make_postgres_collisions, make_python_collisions

_ROOT = Path(__file__).parents[3]
#: Long enough for a slow machine, far from what a quadratic step takes.
_TIMEOUT_SECONDS = 60
_EVENT_BODY = {"title": "x", "starts_at": "2030-03-01T10:00:00Z", "ends_at": "2030-03-01T10:30:00Z"}


def _event_body(**fields: object) -> str:
    return json.dumps({**_EVENT_BODY, **fields}, separators=(",", ":"))


def _wrong_times(number: int) -> str:
    return "[" + ",".join(["[]"] * number) + "]"


#: Bodies of a creation, up to the 6 MB that reach the function.
BODIES: Mapping[str, Callable[[], str]] = {
    "ids of one hash": lambda: _event_body(participant_ids=make_python_collisions(16_000)),
    "many ids of one hash": lambda: _event_body(participant_ids=make_python_collisions(100_000)),
    "ids of one hash in PostgreSQL": lambda: _event_body(participant_ids=make_postgres_collisions(100_000)),
    "wrong ids": lambda: _event_body(participant_ids=["x"] * 400_000),
    "more wrong ids": lambda: _event_body(participant_ids=["x"] * 1_475_000),
    "ids of another kind": lambda: _event_body(participant_ids=[0] * 2_900_000),
    "wrong ids within the limit": lambda: _event_body(participant_ids=["x" * 50] * 100_000),
    "one wrong id in a hundred": lambda: _event_body(
        participant_ids=([str(UUID(int=7))] * 99 + ["x"]) * 1_000
    ),
    "wrong addresses": lambda: _event_body(participant_emails=["x"] * 1_475_000),
    "wrong addresses within the limit": lambda: _event_body(participant_emails=["x" * 50] * 100_000),
    "wrong reminders": lambda: _event_body(reminder_minutes=["x"] * 1_475_000),
    "unknown fields": lambda: json.dumps({**_EVENT_BODY, **dict.fromkeys(map(str, range(450_000)), 0)}),
    "a long unknown field": lambda: _event_body(**{"x" * 5_900_000: 0}),
    "a list for a body": lambda: json.dumps([0] * 1_950_000),
    "a list for a title": lambda: _event_body(title=["x"] * 1_400_000),
    "a long title": lambda: _event_body(title="\r\n" * 1_450_000),
    "a long time": lambda: _event_body(starts_at="2" * 5_900_000),
    "a long address": lambda: _event_body(participant_emails=["x@" + "y" * 5_900_000]),
    "digits": lambda: '{"sequence": ' + "9" * 4_299 + "}",
    "many digits": lambda: '{"reminder_minutes": [' + ",".join(["9" * 4_299] * 1_380) + "]}",
    "depth": lambda: '{"title": ' + "[" * 5_900_000 + "}",
}


class Cost(NamedTuple):
    """The time and memory of one request; the peak is the whole process's, after an ordinary request."""

    status: int
    errors: int
    seconds: float
    peak_mb: float
    plain_peak_mb: float


def measure(name: str, database_url: str, *, method: str = "POST", path: str = "/v1/events") -> Cost:
    """Send one of BODIES from a new process; raises when that takes too long."""
    command = [sys.executable, "-m", "integration.security.hostile_requests", name, method, path]
    paths = os.pathsep.join((str(_ROOT / "tests"), *sys.path))
    run = subprocess.run(
        command,
        env=os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=True,
    )
    return Cost(*json.loads(run.stdout.splitlines()[-1]))


def _send(name: str, method: str, path: str) -> Cost:
    url = os.environ["DATABASE_URL"]
    engine = make_engine(url, timeout_seconds=10, application_name="tests")
    services = Services(
        engine,
        RecordingQueue(),
        ApiSettings(database_url=url, stage="test"),
        make_logger("convoke-api"),
        make_metrics("convoke-api", "test"),
    )
    with current_loop():
        claims: dict[str, Any] = {"sub": "mallory", "email": "mallory@example.org"}
        mallory = Client(make_handler(services), claims)
        body = BODIES[name]()
        mallory.call(method, path, {})
        plain_peak = _peak_mb()
        began = time.perf_counter()
        response = mallory.call(method, path, raw=body)
        seconds = time.perf_counter() - began
    engine.dispose()
    errors = len(response.json.get("errors", ()))
    return Cost(response.status, errors, seconds, _peak_mb(), plain_peak)


def _peak_mb() -> float:
    # The peak of the system's own count outlives an exec on Linux: it would be that of the parent.
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (it for it in status.read_text("ascii").splitlines() if it.startswith("VmHWM"))
        return int(line.split()[1]) / 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_send(*sys.argv[1:])) + "\n")
