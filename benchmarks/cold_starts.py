"""How much work it is to start a function: CPU time of a fresh interpreter up to its first answer.

CPU time and not the clock, the lowest of several rounds, and all functions in each round: what else the
machine does weighs little. The interpreter imports from the built artifacts, as on Lambda.
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

_ASK_FOR_HEALTH = f"assert handler({_EVENT!r}, None)['statusCode'] == 200"

#: The measure of all: the smallest application that answers the same request.
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
{_ASK_FOR_HEALTH}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What is started: the artifact that it needs, and what it does up to its first answer."""

    artifact: str
    code: str


HELLO = "hello"

#: Worker and relay have no request that asks no database: they are started up to there.
PROGRAMS: Mapping[str, Program] = {
    HELLO: Program("ApiFunction", _HELLO),
    "ApiFunction": Program("ApiFunction", f"from convoke_api.handler import handler\n{_ASK_FOR_HEALTH}"),
    "NotifyWorkerFunction": Program(
        "NotifyWorkerFunction", "from convoke_worker import handler\nhandler._compose()"
    ),
    "OutboxRelayFunction": Program(
        "OutboxRelayFunction", "from convoke_relay import handler\nhandler._compose()"
    ),
}


@dataclass(frozen=True, slots=True)
class Start:
    """What one start took."""

    cpu_seconds: float
    elapsed_seconds: float


class ColdStarts:
    """Starts the programs, and keeps the lowest processor time of each."""

    def __init__(self, build: Path, others: Iterable[Path]) -> None:
        """`others`: what comes after the artifact on the search path."""
        self._build = build
        self._others = [*others]
        self._lowest: dict[str, float] = {}
        for name in PROGRAMS:  # not counted: it brings the files into memory
            self._run(name)

    def measure(self) -> dict[str, Start]:
        """One round: each program once."""
        starts = {name: self._run(name) for name in PROGRAMS}
        for name, start in starts.items():
            self._lowest[name] = min(start.cpu_seconds, self._lowest.get(name, start.cpu_seconds))
        return starts

    def ratio(self, name: str) -> float:
        """How many times the work of hello-world, of the lowest times so far."""
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
