"""Calls the API over HTTP for people, and repeats requests without a response."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from chaos.ledger import Ledger, Outcome

#: Shorter than the function's: a response may come after the caller has gone.
_TIMEOUT = httpx.Timeout(5, connect=2)
#: The share of unknown outcomes at which a caller gives up.
_GIVES_UP = 0.12
_IN_PROGRESS = "is being worked on"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may be sent several times. A POST has an Idempotency-Key."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    if_match: str = ""
    #: Statuses that mean that an earlier try has taken effect.
    done_before: tuple[int, ...] = ()


class Caller:
    """Sends requests for any person, and repeats those whose effect is unknown. For one thread."""

    def __init__(
        self,
        base_url: str,
        token_of: Callable[[str], str],
        ledger: Ledger,
        chance: random.Random,
        is_over: Callable[[], bool],
    ) -> None:
        """`is_over` returns whether to give up all unknown outcomes."""
        self._client = httpx.Client(base_url=base_url, timeout=_TIMEOUT)
        self._token_of = token_of
        self._ledger = ledger
        self._chance = chance
        self._is_over = is_over

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def call(self, person: str, request: Request) -> tuple[Outcome, httpx.Response | None]:
        """Send until the outcome is known, or the caller gives up. Returns the deciding response."""
        headers = {"Authorization": f"Bearer {self._token_of(person)}"}
        if request.method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        if request.if_match:
            headers["If-Match"] = request.if_match
        in_doubt = False
        while True:
            response = self._send(request, headers)
            if response is not None and (outcome := self._read(request, response, in_doubt)) is not None:
                return outcome, response
            in_doubt = True
            if self._is_over() or self._chance.random() < _GIVES_UP:
                return Outcome.UNKNOWN, None
            time.sleep(self._chance.uniform(0.02, 0.3))

    def _send(self, request: Request, headers: Mapping[str, str]) -> httpx.Response | None:
        try:
            return self._client.request(
                request.method, request.path, json=request.body, headers=dict(headers)
            )
        except httpx.TransportError:
            return None

    def _read(self, request: Request, response: httpx.Response, in_doubt: bool) -> Outcome | None:
        """Return the outcome that a response shows; None if it shows none."""
        status = response.status_code
        if response.is_success or (in_doubt and status in request.done_before):
            return Outcome.ACKNOWLEDGED
        problem = response.headers.get("content-type", "").startswith("application/problem+json")
        if status >= 500:
            # The gateway's own 500 means a function that died, and its 503 one that was too slow.
            if problem and (status != 503 or "retry-after" not in response.headers):
                self._ledger.surprises.append(f"{request.method} {request.path}: {status} {response.text}")
            return None
        if status == 409 and _IN_PROGRESS in response.text:
            return None
        if status not in (404, 409, 412) or not problem:
            self._ledger.surprises.append(f"{request.method} {request.path}: {status} {response.text}")
        # An earlier try may have taken effect before the cause of this refusal.
        return Outcome.UNKNOWN if in_doubt else Outcome.REFUSED
