"""A queue as far away as SQS: it takes the AWS JSON protocol and responds after a fixed time.

A server of the whole protocol costs more processor time per call than a Lambda environment has to spare,
on the same two processors; SQS's servers are not the caller's. So this one implements the four calls that
are measured, in memory, in a process of its own: `python -m benchmarks.delayed_queue PORT DELAY_MS`. The
client's own MD5 and the counts of written notifications check it.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

_ACCOUNT = "000000000000"
_JSON = "application/x-amz-json-1.0"


class Queue:
    """Messages in the order of their arrival; one that was received is not shown again."""

    def __init__(self) -> None:
        self._ready: deque[dict[str, Any]] = deque()
        self._arrived = asyncio.Condition()
        self.sends = 0
        self.messages = 0
        self.receives = 0
        self.empty_receives = 0
        self.deletes = 0

    async def send(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        """Serve SendMessageBatch: all entries are taken; their DelaySeconds is kept."""
        self.sends += 1
        self.messages += len(entries)
        successful = []
        for entry in entries:
            body, message_id = entry["MessageBody"], str(uuid.uuid4())
            digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
            message = {
                "MessageId": message_id,
                "ReceiptHandle": message_id,
                "MD5OfBody": digest,
                "Body": body,
                "Attributes": {
                    "SentTimestamp": str(time.time_ns() // 1_000_000),
                    "ApproximateReceiveCount": "1",
                },
            }
            asyncio.get_running_loop().call_later(
                int(entry.get("DelaySeconds", 0)),
                lambda message=message: asyncio.ensure_future(self._show(message)),
            )
            successful.append({"Id": entry["Id"], "MessageId": message_id, "MD5OfMessageBody": digest})
        return {"Successful": successful, "Failed": []}

    async def _show(self, message: dict[str, Any]) -> None:
        async with self._arrived:
            self._ready.append(message)
            self._arrived.notify()

    async def receive(self, most: int, wait_seconds: float, is_gone: Callable[[], bool]) -> dict[str, Any]:
        """Serve ReceiveMessage: up to `most` as soon as there is one; none for a client that has gone."""
        async with self._arrived:
            try:
                await asyncio.wait_for(
                    self._arrived.wait_for(lambda: bool(self._ready) or is_gone()), wait_seconds
                )
            except TimeoutError:
                self.empty_receives += 1
                return {}
            if is_gone():
                # The wake-up goes on to a client that is still connected.
                self._arrived.notify()
                return {}
            self.receives += 1
            return {"Messages": [self._ready.popleft() for _ in range(min(most, len(self._ready)))]}

    def describe(self) -> dict[str, str]:
        """Return attributes of the queue. SQS has only the first; the others count calls and messages."""
        return {
            "ApproximateNumberOfMessages": str(len(self._ready)),
            "Sends": str(self.sends),
            "Messages": str(self.messages),
            "Receives": str(self.receives),
            "EmptyReceives": str(self.empty_receives),
            "Deletes": str(self.deletes),
        }


class Server:
    """Serves one connection after another, each kept open, until the process is ended."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._queues: defaultdict[str, Queue] = defaultdict(Queue)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while True:
                operation, body = await _read_request(reader)
                response = await self._respond(operation, body, reader.at_eof)
                if self._delay_seconds:
                    await _wait(self._delay_seconds)
                writer.write(_make_response(json.dumps(response).encode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _respond(
        self, operation: str, body: dict[str, Any], is_gone: Callable[[], bool]
    ) -> dict[str, Any]:
        queue = self._queues[body.get("QueueUrl", "")]
        match operation:
            case "SendMessageBatch":
                return await queue.send(body["Entries"])
            case "ReceiveMessage":
                return await queue.receive(
                    body.get("MaxNumberOfMessages", 1), body.get("WaitTimeSeconds", 0), is_gone
                )
            case "DeleteMessageBatch":
                queue.deletes += 1
                return {"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]], "Failed": []}
            case "GetQueueAttributes":
                return {"Attributes": queue.describe()}
        return {}


async def _wait(seconds: float) -> None:
    """Wait to the tenth of a millisecond, where the system can: asyncio's own timers are up to 1 ms late."""
    if not hasattr(os, "timerfd_create"):
        await asyncio.sleep(seconds)
        return
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    timer = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK)
    try:
        os.timerfd_settime(timer, initial=seconds)
        loop.add_reader(timer, over.set_result, None)
        await over
    finally:
        loop.remove_reader(timer)
        os.close(timer)


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return headers.get("x-amz-target", "").rpartition(".")[2], json.loads(body or b"{}")


def _make_response(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {_JSON}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _run(port: int, delay_ms: float) -> None:
    server = await asyncio.start_server(Server(delay_ms / 1000).serve, "127.0.0.1", port, limit=2**21)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), float(sys.argv[2])))
