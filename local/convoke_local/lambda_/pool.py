"""Keep the environments of one function: start them on demand up to a limit, replace those that ended."""

import threading
import time
from pathlib import Path

from convoke_local.lambda_.environment import Environment
from convoke_local.lambda_.functions import Function, FunctionCrashedError, InvocationError, ThrottledError


class EnvironmentPool:
    """Run at most `limit` invocations of a function at once, for any number of threads."""

    def __init__(self, function: Function, *, limit: int, log: Path) -> None:
        self.function = function
        self._limit = limit
        self._log = log
        self._idle: list[Environment] = []
        self._busy: set[Environment] = set()
        self._starting = 0
        self._waiting = 0
        self._failures: list[InvocationError] = []
        self._closed = False
        self._changed = threading.Condition()

    def warm_up(self) -> None:
        """Start one environment. Raises FunctionError when the handler's import raises."""
        environment = self._acquire(time.monotonic() + self.function.timeout_seconds)
        self._release(environment)

    def invoke(self, event: str, *, wait_seconds: float) -> str:
        """Invoke the function with an event (JSON); return its result (JSON).

        Waits at most `wait_seconds` for a free environment. Raises an InvocationError.
        """
        environment = self._acquire(time.monotonic() + wait_seconds)
        try:
            return environment.invoke(event)
        finally:
            self._release(environment)

    def close(self) -> None:
        """Kill all environments, busy ones too; later invocations raise ThrottledError."""
        with self._changed:
            self._closed = True
            environments = [*self._idle, *self._busy]
            self._idle.clear()
            self._changed.notify_all()
        for environment in environments:
            environment.kill()

    def _acquire(self, deadline: float) -> Environment:
        with self._changed:
            self._waiting += 1
            try:
                while (environment := self._take_idle()) is None:
                    if self._closed:
                        raise ThrottledError(f"{self.function.name} is being stopped")
                    if self._failures:
                        raise self._failures.pop()
                    if time.monotonic() >= deadline:
                        raise ThrottledError(
                            f"all {self._limit} environments of {self.function.name} are busy"
                        )
                    self._start_another()
                    self._changed.wait(deadline - time.monotonic())
            finally:
                self._waiting -= 1
            self._busy.add(environment)
            return environment

    def _take_idle(self) -> Environment | None:
        while self._idle:
            # The one used last, so that superfluous ones stay idle.
            environment = self._idle.pop()
            if environment.is_alive():
                return environment
        return None

    def _start_another(self) -> None:
        if self._waiting > self._starting and self._starting + len(self._busy) < self._limit:
            self._starting += 1
            # In a thread of its own: the waiting caller may get an environment that becomes free earlier.
            threading.Thread(target=self._start, daemon=True).start()

    def _start(self) -> None:
        failure = None
        environment = None
        try:
            environment = Environment(self.function, self._log)
            environment.wait_until_ready()
        except InvocationError as error:
            failure = error
        except OSError as error:
            failure = FunctionCrashedError(f"{self.function.name} cannot be started: {error}")
        with self._changed:
            self._starting -= 1
            if environment is not None and failure is None and not self._closed:
                self._idle.append(environment)
            elif environment is not None:
                environment.kill()
            # A failure is raised in one waiting caller; later ones try again.
            self._failures = [failure] if failure is not None and self._waiting else []
            self._changed.notify_all()

    def _release(self, environment: Environment) -> None:
        with self._changed:
            self._busy.discard(environment)
            if environment.is_alive() and not self._closed:
                self._idle.append(environment)
            self._changed.notify()
