"""Measures the work of starting a function: CPU time of a fresh interpreter up to its first response.

CPU time and not the clock, the lowest of several rounds, and all functions in each round: other load on the
machine weighs little. The interpreter imports from the built artifacts, as on Lambda.
"""

import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_EVENT = {
    "version": "2.0",
    "routeKey": "GET /health",
    "rawPath": "/health",
    "rawQueryString": "",
    "headers": {"host": "api.example.org"},
    "requestContext": {
        "http": {"method": "GET", "path": "/health", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        "requestId": "request-1",
        "stage": "$default",
    },
    "isBase64Encoded": False,
}

_REQUEST_HEALTH = f"assert handler({_EVENT!r}, None)['statusCode'] == 200"

#: The reference: the smallest application that responds to the same request.
_HELLO = f"""
import asyncio
from fastapi import FastAPI
from mangum import Mangum
app = FastAPI(openapi_url=None)
@app.get("/health")
async def read_health() -> dict[str, str]:
    return {{"status": "ok"}}
asyncio.set_event_loop(asyncio.new_event_loop())
handler = Mangum(app, lifespan="off")
{_REQUEST_HEALTH}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to start: the artifact that it needs, and its code up to the first response."""

    artifact: str
    code: str


HELLO = "hello"

#: Worker and relay have no request without the database: they are started up to that point.
PROGRAMS: Mapping[str, Program] = {
    HELLO: Program("ApiFunction", _HELLO),
    "ApiFunction": Program("ApiFunction", f"from convoke_api.handler import handler\n{_REQUEST_HEALTH}"),
    "NotifyWorkerFunction": Program(
        "NotifyWorkerFunction", "from convoke_worker import handler\nhandler._compose()"
    ),
    "OutboxRelayFunction": Program(
        "OutboxRelayFunction", "from convoke_relay import handler\nhandler._compose()"
    ),
}


@dataclass(frozen=True, slots=True)
class Start:
    """The times of one start."""

    cpu_seconds: float
    elapsed_seconds: float


class ColdStarts:
    """Starts the programs and keeps the lowest processor time of each."""

    def __init__(self, build: Path, others: Iterable[Path]) -> None:
        """`others` come after the artifact on the search path."""
        self._build = build
        self._others = [*others]
        self._lowest: dict[str, float] = {}
        for name in PROGRAMS:  # not counted: the files get into memory
            self._run(name)

    def measure(self) -> dict[str, Start]:
        """Start each program once: one round."""
        starts = {name: self._run(name) for name in PROGRAMS}
        for name, start in starts.items():
            self._lowest[name] = min(start.cpu_seconds, self._lowest.get(name, start.cpu_seconds))
        return starts

    def ratio(self, name: str) -> float:
        """Return the lowest time so far as a multiple of hello-world's."""
        return self._lowest[name] / self._lowest[HELLO]

    def _run(self, name: str) -> Start:
        program = PROGRAMS[name]
        search_path = [self._build / program.artifact, *self._others]
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(map(str, search_path)),
            "DATABASE_URL": "postgresql://convoke@127.0.0.1:1/convoke",
            "QUEUE_URL": "http://127.0.0.1:1/queue",
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        }
        arguments = [sys.executable, "-S", "-B", "-c", program.code]
        began = time.perf_counter()
        process = os.posix_spawn(sys.executable, arguments, environment)
        _, status, usage = os.wait4(process, 0)
        elapsed = time.perf_counter() - began
        if status != 0:
            raise RuntimeError(f"{name} did not start")
        return Start(usage.ru_utime + usage.ru_stime, elapsed)
