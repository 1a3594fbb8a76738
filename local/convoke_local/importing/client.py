"""The HTTP API as the importer uses it: each call is made as the person that the file names."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any
from uuid import uuid4

import httpx
from convoke_api.fields import email_key

from convoke_local.importing.people import Person
from convoke_local.tokens import make_token

#: The gateway gives a request 30 seconds (API Gateway, HTTP API quotas).
_TIMEOUT_SECONDS = 35
#: Attempts while the server is there and cannot answer (502 to 504); a 429 is waited out without a count.
_ATTEMPTS = 5
_RETRY_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 300.0


class StackUnreachableError(Exception):
    """The stack does not answer, or not to this folder's tokens: nothing more can be imported."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The API did not do it; `detail` is its own explanation (RFC 9457)."""

    status: int
    detail: str


class ConvokeClient:
    """Calls the API at `base_url`, with tokens made from the signing key of the stack's data folder."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._key = key
        self._wait = wait
        self._http = httpx.Client(base_url=base_url, transport=transport, timeout=_TIMEOUT_SECONDS)

    def close(self) -> None:
        self._http.close()

    def find_event(self, organizer: Person, uid: str) -> Mapping[str, Any] | Refused | None:
        """The event of that UID that the person organizes, or None. Being invited to it does not count."""
        cursor: str | None = None
        while True:
            query = {"uid": uid, "limit": "100"} | ({"cursor": cursor} if cursor else {})
            answer = self._send(organizer, "GET", params=query)
            if answer.status_code != httpx.codes.OK:
                return _read_refusal(answer)
            try:
                page = answer.json()
                for event in page["items"]:
                    if email_key(event["organizer"]["email"] or "") == email_key(organizer.email):
                        return dict(event)
                cursor = page["next_cursor"]
            except (ValueError, KeyError, TypeError) as error:
                raise StackUnreachableError(f"what answers at {self._base_url} is not Convoke") from error
            if cursor is None:
                return None

    def create_event(self, organizer: Person, request: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """The event as it was created. However often the request has to be repeated, there is one event."""
        headers = {"Idempotency-Key": str(uuid4())}
        answer = self._send(organizer, "POST", json=dict(request), headers=headers)
        return dict(answer.json()) if answer.status_code == httpx.codes.CREATED else _read_refusal(answer)

    def _send(self, person: Person, method: str, **request: Any) -> httpx.Response:
        token = make_token(self._key, person.email, name=person.name)
        headers = {**request.pop("headers", {}), "Authorization": f"Bearer {token}"}
        attempt = 0
        while True:
            try:
                answer = self._http.request(method, "/v1/events", headers=headers, **request)
            except httpx.TransportError as error:
                raise StackUnreachableError(
                    f"{self._base_url} does not answer: start it with `convoke up` (or `make run`)"
                ) from error
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                raise StackUnreachableError(
                    f"{self._base_url} refuses the tokens of this data folder: CONVOKE_DATA_DIR must be"
                    " that of the running stack"
                )
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                self._wait(_read_retry_after(answer))
                continue
            attempt += 1
            if answer.status_code not in (502, 503, 504):
                return answer
            if attempt == _ATTEMPTS:
                raise StackUnreachableError(
                    f"{self._base_url} cannot do its work (status {answer.status_code}): see its logs"
                )
            self._wait(_read_retry_after(answer))


def _read_retry_after(answer: httpx.Response) -> float:
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return _RETRY_SECONDS
    if isnan(seconds):
        return _RETRY_SECONDS
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def _read_refusal(answer: httpx.Response) -> Refused:
    try:
        problem = answer.json()
        places = [f"{each['pointer']} {each['detail']}" for each in problem.get("errors", [])]
        # What the gateway itself refuses has a message instead.
        detail = "; ".join([problem.get("detail") or problem["message"], *places])
    except (ValueError, KeyError, TypeError, AttributeError):
        detail = "without an explanation"
    return Refused(answer.status_code, detail)
