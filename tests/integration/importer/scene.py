"""Run the importer with the real handlers of API and worker, and requests of users."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from convoke_importer import run_import
from convoke_local.api_gateway.tokens import make_token
from convoke_worker.handler import Handler as Worker
from integration.api.client import RecordingQueue
from integration.worker.stage import LambdaContext, failed_ids, query, sqs_event
from sqlalchemy import Engine

KEY = "k" * 64
URL = "http://test:8000"


def move_on(data: bytes) -> bytes:
    """Move the dates of a file by forty years: ended events cause no notifications."""
    return re.sub(rb"\b199(\d{5})", rb"203\1", data)


def make_person_token(email: str, name: str | None) -> str:
    """Make the token of a person in a file."""
    return make_token(KEY, email, name=name)


type MakeTransport = Callable[..., httpx.BaseTransport]


@dataclass
class Scene:
    """Import on one data folder and one database, and read the outcome."""

    folder: Path
    transport: httpx.BaseTransport
    queue: RecordingQueue
    worker: Worker
    engine: Engine
    capsys: pytest.CaptureFixture[str]

    def import_files(self, *paths: Path, acting_as: str | None = None) -> dict[str, Any]:
        """Import, deliver all messages, and return the summary of `convoke import --json`."""
        self.capsys.readouterr()
        status = run_import(
            list(paths),
            base_url=URL,
            make_token=make_person_token,
            ledger_folder=self.folder,
            as_json=True,
            acting_as=acting_as,
            transport=self.transport,
        )
        out, err = self.capsys.readouterr()
        assert status == 0, err
        self.deliver()
        summary: dict[str, Any] = json.loads(out)
        return summary

    def import_as_future(self, *paths: Path) -> dict[str, Any]:
        """Import copies of the files, moved by forty years."""
        copies = [self.folder / f"future-{path.name}" for path in paths]
        for path, copy in zip(paths, copies, strict=True):
            copy.write_bytes(move_on(path.read_bytes()))
        return self.import_files(*copies)

    def import_text(self, *texts: str) -> dict[str, Any]:
        """Import files with these contents."""
        paths = [self.folder / f"{number}.ics" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, "utf-8", newline="")
        return self.import_files(*paths)

    def deliver(self) -> None:
        """Invoke the worker with all messages that were sent, in batches of ten."""
        sent = [message.outbox_id for message, _ in self.queue.sent]
        self.queue.sent.clear()
        for start in range(0, len(sent), 10):
            assert not failed_ids(self.worker(sqs_event(*sent[start : start + 10]), LambdaContext()))

    def request(self, person: str, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request of a user to the API."""
        headers = {"Authorization": f"Bearer {make_token(KEY, person)}"}
        with httpx.Client(base_url=URL, transport=self.transport) as client:
            return client.request(method, path, headers=headers, json=body).raise_for_status()

    def read_event(self, person: str, uid: str) -> Mapping[str, Any]:
        """Return the event of that UID as the person sees it."""
        (event,) = self.request(person, "GET", f"/v1/events?uid={uid}").json()["items"]
        found: Mapping[str, Any] = event
        return found

    def read_inbox(self, person: str) -> list[Mapping[str, Any]]:
        """Return the notifications of a person, the oldest first."""
        items = self.request(person, "GET", "/v1/notifications?limit=100").json()["items"]
        return list(reversed(items))

    def read_everything(self) -> dict[str, Any]:
        """Return the ETags of all events, and the counts of outbox rows and notifications."""
        events = query(
            self.engine,
            "SELECT events.id, email FROM events JOIN users ON users.id = organizer_id ORDER BY events.id",
        )
        etags = {
            str(event.id): self.request(event.email, "GET", f"/v1/events/{event.id}").headers["ETag"]
            for event in events
        }
        counts = [
            query(self.engine, f"SELECT count(*) FROM {name}")[0][0] for name in ("outbox", "notifications")
        ]
        return {"etags": etags, "rows": counts}
