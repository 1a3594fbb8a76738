"""Tests a deployment over HTTP: creates an event for two people, cancels it, and awaits both deliveries.

`python infra/tools/smoke.py URL [--guest EMAIL] [--seconds 60]`, with a bearer token in the variable TOKEN
and optionally one of the guest in GUEST_TOKEN: as arguments, a process list would show them. Prints one line
and exits 0, or one line on stderr and exits 1. Leaves a cancelled event a month ahead, and the guest as an
invited person. With a token of the guest, it reads the guest's inbox as well.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

_GUEST = "smoke-test@example.com"  # reserved by RFC 2606
_TIMEOUT_SECONDS = 35  # longer than the gateway's own timeout
_POLL_SECONDS = 0.2


class SmokeError(Exception):
    """A call failed; the message has the request and the response."""


@dataclass(frozen=True)
class Api:
    """A client of the API with one person's token."""

    url: str
    token: str | None

    def call(self, method: str, path: str, expected: int, body: object = None, **headers: str) -> Any:
        """Return the JSON of a response, None if it is empty. Raises SmokeError for another status."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        if data:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - checked below
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
                status, content = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        except OSError as error:
            raise SmokeError(f"{method} {path}: no response: {error}") from error
        if status != expected:
            raise SmokeError(
                f"{method} {path}: {status} instead of {expected}: {content[:300].decode(errors='replace')}"
            )
        return json.loads(content) if content else None


def run(host: Api, guest: Api | None, guest_email: str, seconds: float) -> str:
    """Run all steps and return the line to print. Raises SmokeError at the first failure."""
    Api(host.url, None).call("GET", "/health", 200)
    Api(host.url, None).call("GET", "/v1/me", 401)
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    body = {
        "title": "Smoke test",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=15)).isoformat(),
        "participant_emails": [guest_email],
        "reminder_minutes": [],
    }
    began = time.monotonic()
    event = host.call("POST", "/v1/events", 201, body, **{"Idempotency-Key": uuid4().hex})["id"]
    try:
        created = time.monotonic() - began
        invited = _wait_until_delivered(host, event, "event_invited", seconds)
        if guest:
            _find_in_inbox(guest, event, "event_invited")
    except SmokeError:
        host.call("DELETE", f"/v1/events/{event}", 204)
        raise
    host.call("DELETE", f"/v1/events/{event}", 204)
    cancelled = _wait_until_delivered(host, event, "event_cancelled", seconds)
    if guest:
        _find_in_inbox(guest, event, "event_cancelled")
    return (
        f"{host.url} works: created in {created:.2f} s, delivered in {invited:.2f} s, "
        f"cancellation delivered in {cancelled:.2f} s"
    )


def _wait_until_delivered(host: Api, event: str, kind: str, seconds: float) -> float:
    began = time.monotonic()
    while True:
        waves = host.call("GET", f"/v1/events/{event}/deliveries", 200)["items"]
        found = next((wave for wave in waves if wave["type"] == kind), None)
        if found and found["delivered"] == 1:
            return time.monotonic() - began
        if found and found["failed"]:
            raise SmokeError(f"{kind} was given up: see docs/runbooks/dead-letters.md")
        if time.monotonic() - began > seconds:
            raise SmokeError(
                f"{kind} is not delivered after {seconds:g} s: {found or 'it has no outbox row'}"
            )
        time.sleep(_POLL_SECONDS)


def _find_in_inbox(guest: Api, event: str, kind: str) -> None:
    items = guest.call("GET", f"/v1/notifications?type={kind}", 200)["items"]
    count = sum(item["event_id"] == event for item in items)
    if count != 1:
        raise SmokeError(f"the guest has {count} notifications {kind} instead of one")


def main() -> int:
    """Run the command and return the exit status."""
    parser = argparse.ArgumentParser(description="Create, deliver and cancel one event.")
    parser.add_argument("url", help="like https://id.execute-api.eu-central-1.amazonaws.com")
    parser.add_argument("--guest", default=_GUEST, help=f"address to invite (default {_GUEST})")
    parser.add_argument("--seconds", type=float, default=60, help="how long a delivery may take")
    given = parser.parse_args()
    url = given.url.rstrip("/")
    token, guest_token = os.environ.get("TOKEN"), os.environ.get("GUEST_TOKEN")
    if not url.startswith(("https://", "http://")) or not token:
        print("smoke: needs a URL with https:// and a token: TOKEN=… make smoke URL=…", file=sys.stderr)
        return 1
    guest = Api(url, guest_token) if guest_token else None
    try:
        print(run(Api(url, token), guest, given.guest, given.seconds))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
