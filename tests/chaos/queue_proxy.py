"""A proxy in front of the queue that injects faults of a network and of SQS: AWS's JSON protocol over HTTP.

The faults, drawn at each request:
  queue.refuse        the connection ends without a response; the call has no effect
  queue.throttle      503 ServiceUnavailable or 400 RequestThrottled; the call has no effect
  queue.black_hole    no response; the call has no effect
  queue.drop_reply    the call takes effect, and the response is lost
  queue.fail_entries  200, and some entries are in `Failed`: they have no effect
  queue.duplicate     the call takes effect twice
  queue.delay         the call takes effect late
"""

import http.client
import json
import random
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from chaos.faults import Faults
from convoke_local.processes.ports import HOST

SEND, RECEIVE, DELETE = "SendMessageBatch", "ReceiveMessage", "DeleteMessageBatch"
#: Longer than any client here waits for a response.
_BLACK_HOLE_SECONDS = 10
_UPSTREAM_SECONDS = 30

QUEUE_FAULTS = (
    "queue.refuse",
    "queue.throttle",
    "queue.black_hole",
    "queue.drop_reply",
    "queue.fail_entries",
    "queue.duplicate",
    "queue.delay",
)
# A receive without a response is a long poll, and two at once are two pollers; neither is a fault.
_OF_OPERATION = {
    SEND: QUEUE_FAULTS,
    DELETE: QUEUE_FAULTS,
    RECEIVE: ("queue.refuse", "queue.throttle", "queue.drop_reply", "queue.delay"),
}
_OF_OTHERS = ("queue.refuse", "queue.throttle", "queue.black_hole", "queue.drop_reply", "queue.delay")


class QueueProxy:
    """Serves from its creation to `close`. Keeps the bodies that the queue has accepted."""

    def __init__(self, upstream_url: str, faults: Faults, seed: int) -> None:
        self._upstream = urlsplit(upstream_url)
        self.faults = faults
        self.chance = random.Random(f"{seed}/queue proxy")
        #: The bodies of the messages that the queue took, in the order of their acceptance.
        self.accepted: list[str] = []
        self._closing = threading.Event()
        self._server = _Server((HOST, 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="queue-proxy", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the endpoint for clients."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond the end of this proxy."""
        self._closing.wait(seconds)

    def forward(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Forward a call to the queue; return status, content type and body."""
        connection = http.client.HTTPConnection(
            self._upstream.hostname or HOST, self._upstream.port, timeout=_UPSTREAM_SECONDS
        )
        try:
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if headers.get("X-Amz-Target", "").endswith(SEND) and response.status == 200:
            self._remember(json.loads(body)["Entries"], json.loads(content))
        return response.status, response.headers.get("Content-Type", ""), content

    def _remember(self, entries: Sequence[Mapping[str, Any]], response: Mapping[str, Any]) -> None:
        taken = {entry["Id"] for entry in response.get("Successful", ())}
        self.accepted.extend(entry["MessageBody"] for entry in entries if entry["Id"] in taken)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Requests in progress when the proxy closes are black holes or long polls.
    block_on_close = False
    request_queue_size = 128
    proxy: QueueProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: clients that hang up and an unavailable queue are expected here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the faults are counted."""

    def do_POST(self) -> None:
        """Serve one call of the queue."""
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        # Host is kept: the queue builds its URLs from the address of the request.
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        fault = proxy.faults.draw(f"queue/{operation}", *_OF_OPERATION.get(operation, _OF_OTHERS))
        match fault:
            case "queue.refuse":
                self._reset()
            case "queue.throttle":
                self._throttle()
            case "queue.black_hole":
                proxy.wait(_BLACK_HOLE_SECONDS)
                self._reset()
            case "queue.drop_reply":
                proxy.forward(self.path, headers, body)
                self._reset()
            case "queue.fail_entries":
                self._fail_entries(headers, body)
            case "queue.duplicate":
                proxy.forward(self.path, headers, body)
                self._answer(*proxy.forward(self.path, headers, body))
            case "queue.delay":
                proxy.wait(proxy.chance.uniform(0.1, 1.2))
                self._answer(*proxy.forward(self.path, headers, body))
            case _:
                self._answer(*proxy.forward(self.path, headers, body))

    def _fail_entries(self, headers: dict[str, str], body: bytes) -> None:
        proxy = self.server.proxy
        request = json.loads(body)
        entries = request["Entries"]
        failed = proxy.chance.sample(entries, proxy.chance.randint(1, len(entries)))
        kept = [entry for entry in entries if entry not in failed]
        response: dict[str, Any] = {"Successful": [], "Failed": []}
        if kept:
            content = json.dumps({**request, "Entries": kept}).encode()
            sized = {**headers, "Content-Length": str(len(content))}
            response = json.loads(proxy.forward(self.path, sized, content)[2])
        response["Failed"] = response.get("Failed", []) + [
            {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError", "Message": "We are sorry."}
            for entry in failed
        ]
        self._answer(200, "application/x-amz-json-1.0", json.dumps(response).encode())

    def _throttle(self) -> None:
        status, code = self.server.proxy.chance.choice(
            [(503, "ServiceUnavailable"), (400, "RequestThrottled")]
        )
        content = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": "Later."}).encode()
        self._answer(status, "application/x-amz-json-1.0", content)

    def _answer(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _reset(self) -> None:
        # "linger" of 0 seconds: the peer gets a reset, not an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
