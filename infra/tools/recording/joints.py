"""Where AWS measures by itself: functions' pools, the gateway and the queue, each with a counting hand."""

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from convoke_local.functions import Function, InvocationError, ThrottledError
from convoke_local.gateway import Gateway, Receive, Scope, Send
from convoke_local.pool import EnvironmentPool

#: By which names the dashboard asks for functions.
_NAMES = {"api": "ApiFunction", "worker": "NotifyWorkerFunction", "relay": "OutboxRelayFunction"}

#: Adds a measurement, as of this moment: namespace, name, the value of the first dimension, and the value.
type Add = Callable[[str, str, str, float], None]


class MeasuredPool(EnvironmentPool):
    """Environments of a function, with what Lambda would publish of it."""

    def __init__(self, function: Function, *, limit: int, log: Path, add: Add, starts: list[float]) -> None:
        super().__init__(function, limit=limit, log=log)
        self._add = partial(add, "AWS/Lambda")
        self._name = _NAMES.get(function.name, function.name)
        self._starts = starts

    def invoke(self, event: str, *, wait_seconds: float) -> str:
        """As the pool does; waiting for an environment does not count as the function's time."""
        try:
            environment = self._acquire(time.monotonic() + wait_seconds)
        except ThrottledError:
            self._add("Throttles", self._name, 1)
            raise
        self._add("Throttles", self._name, 0)
        self._add("Invocations", self._name, 1)
        self._add("ConcurrentExecutions", self._name, len(self._busy))
        began, failed = time.monotonic(), 0
        try:
            return environment.invoke(event)
        except InvocationError:
            failed = 1
            raise
        finally:
            self._add("Duration", self._name, (time.monotonic() - began) * 1000)
            self._add("Errors", self._name, failed)
            self._release(environment)

    def replace(self) -> None:
        """Idle environments end: the next invocations get new ones."""
        with self._changed:
            for environment in self._idle:
                environment.kill()

    def kill_when_busy(self, within_seconds: float) -> None:
        """Kill an environment in the middle of its work."""
        deadline = time.monotonic() + within_seconds
        while time.monotonic() < deadline:
            with self._changed:
                for environment in self._busy:
                    environment.kill()
                    return
            time.sleep(0.0005)

    def _start(self) -> None:
        began = time.monotonic()
        super()._start()
        self._starts.append((time.monotonic() - began) * 1000)


class MeasuredGateway:
    """The gateway, with what API Gateway would publish of it."""

    def __init__(self, gateway: Gateway, add: Add) -> None:
        self._gateway = gateway
        self._add = partial(add, "AWS/ApiGateway")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        began, status = time.monotonic(), 0

        async def note(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self._gateway(scope, receive, note)
        self._add("Count", "ApiId", 1)
        self._add("4xx", "ApiId", 400 <= status < 500)
        self._add("5xx", "ApiId", status >= 500)
        self._add("Latency", "ApiId", (time.monotonic() - began) * 1000)


class MeasuredClient:
    """The client of the event-source mapping: what it received first, and what it deleted."""

    def __init__(self, client: Any, add: Add) -> None:
        self._client = client
        self._add = partial(add, "AWS/SQS")
        self._seen: set[str] = set()
        #: Bodies of the last messages.
        self.bodies: deque[str] = deque(maxlen=10)

    def receive_message(self, **options: Any) -> Any:
        """Messages."""
        answer = self._client.receive_message(**options)
        for message in answer.get("Messages", []):
            if message["MessageId"] not in self._seen:
                self._seen.add(message["MessageId"])
                self._add("NumberOfMessagesSent", "QueueName", 1)
            self.bodies.append(message["Body"])
        return answer

    def delete_message_batch(self, **options: Any) -> Any:
        """Messages that are done."""
        answer = self._client.delete_message_batch(**options)
        self._add("NumberOfMessagesDeleted", "QueueName", len(answer.get("Successful", [])))
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
