"""Run an execution environment: a process that serves one function, one invocation at a time."""

import contextlib
import json
import os
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from uuid import uuid4

from convoke_local.lambda_.functions import (
    Function,
    FunctionCrashedError,
    FunctionError,
    FunctionTimeoutError,
)
from convoke_local.lambda_.runtime import ERROR

#: "The Init phase is limited to 10 seconds" (AWS Lambda, execution environment lifecycle).
_INIT_SECONDS = 10.0


class Environment:
    """Serve invocations in a process that starts at once and ends with this process at the latest.

    It is ready when `wait_until_ready` returns. Not for several threads at once. After a FunctionTimeoutError
    or FunctionCrashedError the process has ended.
    """

    def __init__(self, function: Function, log: Path) -> None:
        """Start the process; standard output and standard error of the function are appended to `log`."""
        self._function = function
        self._connection, theirs = Pipe()
        with theirs, log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "convoke_local.lambda_.runtime",
                    function.handler,
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_variables(function, log),
                pass_fds=[theirs.fileno()],
                # Ctrl-C at the terminal must reach the stack alone, which lets invocations finish.
                start_new_session=True,
            )

    @property
    def process_id(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for the handler's import. Raises FunctionError when it fails, else as `invoke`."""
        self._receive(_INIT_SECONDS, during="initialisation")

    def invoke(self, event: str) -> str:
        """Invoke the handler with an event (JSON); return its result (JSON).

        Raises FunctionError when the handler raised; FunctionTimeoutError and FunctionCrashedError when
        there is no environment left.
        """
        timeout = self._function.timeout_seconds
        header = {"request_id": str(uuid4()), "deadline": time.time() + timeout}
        with contextlib.suppress(OSError):
            # When the process has just ended, `_receive` raises.
            self._connection.send_bytes(json.dumps(header).encode())
            self._connection.send_bytes(event.encode(errors="surrogatepass"))
        return self._receive(timeout, during="invocation")

    def kill(self) -> None:
        """Kill the process, also during an invocation, and wait until it has ended; from any thread."""
        self._process.kill()
        self._process.wait()

    def _receive(self, seconds: float, *, during: str) -> str:
        name = self._function.name
        try:
            if not self._connection.poll(seconds):
                self.kill()
                raise FunctionTimeoutError(f"{name}: {during} timed out after {seconds:.2f} seconds")
            outcome = self._connection.recv_bytes()
            payload = self._connection.recv_bytes().decode()
        except (EOFError, OSError):
            self.kill()
            status = self._process.returncode
            raise FunctionCrashedError(
                f"{name}: the process ended during {during} (status {status})", kind="Runtime.ExitError"
            ) from None
        if outcome == ERROR:
            error = json.loads(payload)
            raise FunctionError(f"{error['errorType']}: {error['errorMessage']}", kind=error["errorType"])
        return payload


def _variables(function: Function, log: Path) -> dict[str, str]:
    """Return the function's variables and Lambda's own ("Defined runtime environment variables")."""
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": ":UTC",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log.name,
        **function.variables,
    }
