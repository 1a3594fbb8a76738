"""People who call meetings, change and cancel them, read, and now and then want what is not theirs."""

import json
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

_PEOPLE = [f"person{number}@example.org" for number in range(400)]
_CALLERS = 4
#: Seconds between two requests of one caller, on average.
_PAUSE_SECONDS = 0.5
_TIMEOUT_SECONDS = 35


class Load:
    """Requests from several threads between `start` and `stop`, the same ones each time."""

    def __init__(self, url: str, token_of: Callable[[str], str]) -> None:
        self.done = self.failed = 0
        self._url = url
        self._token_of = token_of
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._call_on, args=(number,), daemon=True) for number in range(_CALLERS)
        ]

    def start(self) -> None:
        """Start calling."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when the last answer is there; a second time does nothing."""
        self._over.set()
        for thread in self._threads:
            thread.join(_TIMEOUT_SECONDS)

    def _call_on(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - a load
        events: list[tuple[str, str]] = []
        while not self._over.wait(chance.expovariate(1 / _PAUSE_SECONDS)):
            kind = chance.random()
            if kind < 0.4 or not events:
                host = chance.choice(_PEOPLE)
                event = self._call(host, "POST", "/v1/events", _meeting(chance))
                if event:
                    events.append((event["id"], host))
            elif kind < 0.5:
                event_id, host = chance.choice(events)
                self._call(
                    host, "PATCH", f"/v1/events/{event_id}", {"title": f"Review {chance.randint(1, 99)}"}
                )
            elif kind < 0.54:
                event_id, host = events.pop(chance.randrange(len(events)))
                self._call(host, "DELETE", f"/v1/events/{event_id}")
            elif kind < 0.57:
                # Somebody else's: it does not exist for them, or is not theirs to change.
                event_id, _ = chance.choice(events)
                self._call(chance.choice(_PEOPLE), "PATCH", f"/v1/events/{event_id}", {"title": "Mine"})
            else:
                self._call(chance.choice(_PEOPLE), "GET", "/v1/notifications?limit=20")

    def _call(self, caller: str, method: str, path: str, body: object = None) -> Any:
        """The JSON of a 2xx answer, else None."""
        request = urllib.request.Request(  # noqa: S310 - the recorder's own address
            self._url + path, None if body is None else json.dumps(body).encode(), method=method
        )
        request.add_header("Authorization", f"Bearer {self._token_of(caller)}")
        request.add_header("Content-Type", "application/json")
        if method == "POST":
            request.add_header("Idempotency-Key", uuid4().hex)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
                content = answer.read()
        except urllib.error.HTTPError as error:
            self.done += 1
            error.close()
            return None
        except OSError:
            self.failed += 1
            return None
        self.done += 1
        return json.loads(content) if content else None


def _meeting(chance: random.Random) -> dict[str, object]:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=chance.randint(1, 60))
    guests = 200 if chance.random() < 0.05 else chance.randint(2, 25)
    return {
        "title": f"Planning {chance.randint(1, 99)}",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=30)).isoformat(),
        "participant_emails": chance.sample(_PEOPLE, guests),
    }
