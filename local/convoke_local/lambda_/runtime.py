"""Serve one handler inside an execution environment, one invocation at a time, as on AWS Lambda.

Started as `python -m convoke_local.lambda_.runtime HANDLER DESCRIPTOR`. The socket with that number carries
invocations and results, each as two frames: its kind, and JSON. Standard output and error are the function's
log. The environment ends when the socket does: it cannot outlive the process that started it.
"""

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

#: "Invocation payload (request and response): 6 MB each" (AWS Lambda quotas); the service allows these bytes.
LONGEST_PAYLOAD_BYTES = 6_291_556

RESULT, ERROR = b"result", b"error"

Handler = Callable[[Any, "LambdaContext"], object]


class LambdaContext:
    """Provide the `context` of a handler (AWS Lambda, "Using the Lambda context object to retrieve Python
    function information")."""

    def __init__(self, request_id: str, deadline: float) -> None:
        self._deadline = deadline
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = (
            f"arn:aws:lambda:{os.environ['AWS_REGION']}:000000000000:function:{self.function_name}"
        )
        self.identity = None
        self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the environment is killed."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Serve invocations until the socket ends."""
    path, descriptor = sys.argv[1], int(sys.argv[2])
    # Several environments write to one log: a line must be written in one piece.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    connection = Connection(descriptor)
    invocations: SimpleQueue[tuple[bytes, bytes]] = SimpleQueue()
    # A thread waits on the socket all the time, so that its end is noticed while a handler runs, too.
    threading.Thread(target=_receive, args=(connection, invocations), daemon=True).start()
    try:
        handler = _import_handler(path)
    except BaseException as error:  # noqa: BLE001 - every error of the import is reported, SystemExit too
        _send(connection, ERROR, _describe(error))
        # The parent kills the environment when it has read the reason.
        threading.Event().wait()
        return
    _send(connection, RESULT, b"null")
    while True:
        header, event = invocations.get()
        _send(connection, *handle_invocation(handler, header, event))


def _receive(connection: Connection, invocations: "SimpleQueue[tuple[bytes, bytes]]") -> None:
    try:
        while True:
            invocations.put((connection.recv_bytes(), connection.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)


def _send(connection: Connection, outcome: bytes, payload: bytes) -> None:
    connection.send_bytes(outcome)
    connection.send_bytes(payload)


def _import_handler(path: str) -> Handler:
    module, _, name = path.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def handle_invocation(handler: Handler, header: bytes, event: bytes) -> tuple[bytes, bytes]:
    """Call the handler; `header` is `{"request_id", "deadline"}` (seconds since the epoch).

    Returns RESULT and the result, or ERROR and `{"errorType", "errorMessage", "stackTrace"}` when the
    handler raised, or its result is not JSON or is too long.
    """
    fields = json.loads(header)
    context = LambdaContext(fields["request_id"], fields["deadline"])
    try:
        result = handler(json.loads(event), context)
    except Exception as error:  # noqa: BLE001 - as in Lambda's runtime: every exception is returned
        return ERROR, _describe(error)
    try:
        encoded = json.dumps(result, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        return ERROR, _describe(error, kind="Runtime.MarshalError")
    if len(encoded) > LONGEST_PAYLOAD_BYTES:
        return ERROR, _describe(ValueError("the result is too long"), kind="Function.ResponseSizeTooLarge")
    return RESULT, encoded


def _describe(error: BaseException, *, kind: str = "") -> bytes:
    traceback.print_exception(error)
    sys.stderr.flush()
    description = {
        "errorType": kind or type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    return json.dumps(description).encode()


if __name__ == "__main__":
    main()
