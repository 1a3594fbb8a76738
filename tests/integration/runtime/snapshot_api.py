"""Lambda's Runtime API with the step that SnapStart adds and the emulator lacks: it responds 404 there.

`restore/next` is what the runtime's client asks for when a function is initialised, after the hooks that run
before the snapshot. It gets its response when the environment is to go on, as one that was restored.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from uuid import uuid4

from convoke_local.processes.ports import HOST

_SECONDS = 30


class SnapshotApi:
    """The requests of one environment, and their responses."""

    def __init__(self, address: str) -> None:
        #: For AWS_LAMBDA_RUNTIME_API.
        self.address = address
        self.initialised = threading.Event()
        self.restored = threading.Event()
        self.events: Queue[Any] = Queue()
        self.responses: Queue[Any] = Queue()

    def wait_for_snapshot(self) -> None:
        """Returns when the environment is as the snapshot would find it."""
        assert self.initialised.wait(_SECONDS), "the function asked for no restore/next"

    def restore(self) -> None:
        """Let it go on."""
        self.restored.set()

    def invoke(self, event: Any) -> Any:
        """The function's response; an error is a document with `errorMessage`."""
        self.events.put(event)
        return self.responses.get(timeout=_SECONDS)


@contextmanager
def serve_snapshot_api() -> Iterator[SnapshotApi]:
    """The API on a free port, for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/runtime/restore/next"):
                api.initialised.set()
                api.restored.wait(_SECONDS)
                self._response(200)
            elif self.path.endswith("/runtime/invocation/next"):
                event = api.events.get()
                self._response(
                    200,
                    json.dumps(event).encode(),
                    {
                        "Lambda-Runtime-Aws-Request-Id": str(uuid4()),
                        "Lambda-Runtime-Deadline-Ms": "4000000000000",
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:0:function:api",
                        "Content-Type": "application/json",
                    },
                )
            else:
                self._response(404)

        def do_POST(self) -> None:
            api.responses.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._response(202)

        def _response(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    api = SnapshotApi(f"{HOST}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
