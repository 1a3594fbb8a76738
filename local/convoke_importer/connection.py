"""Requests to the stack as somebody: what is waited out, what is an answer, and what ends an import."""

import time
from collections.abc import Callable, Iterator, Mapping
from math import isnan
from typing import Any, Self
from uuid import uuid4

import httpx
from convoke_local.api_gateway.tokens import make_token

from convoke_importer.api import Refused
from convoke_importer.people import Person

#: The gateway gives a request 30 seconds (API Gateway, HTTP API quotas).
_TIMEOUT_SECONDS = 35
#: Attempts while the server is there and cannot answer (502 to 504); a 429 is waited out without a count.
_ATTEMPTS = 5
_RETRY_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 300.0
_LARGEST_PAGE = "100"


class StackUnreachableError(Exception):
    """The stack does not answer, or not to this folder's tokens: nothing more can be imported."""


class Connection:
    """Sends requests to `base_url`, with tokens made from the signing key of the stack's data folder."""

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(
        self,
        person: Person,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any] | Refused:
        """The JSON that a request of that person is answered with, empty where there is none.

        Requests that have to be repeated are the same one to the API. Raises StackUnreachableError.
        """
        idempotency = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        answer = self._send(
            person, method, path, params=query, json=body, headers={**idempotency, **(headers or {})}
        )
        if not answer.is_success:
            return _read_refusal(answer)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            return dict(answer.json())
        except (ValueError, TypeError) as error:
            raise self._make_stranger_error() from error

    def list_items(
        self, person: Person, path: str, query: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Any] | Refused]:
        """The items of all pages; a refusal is the last of them. Raises StackUnreachableError."""
        cursor: str | None = None
        while True:
            page = self.send(
                person,
                "GET",
                path,
                query={**(query or {}), "limit": _LARGEST_PAGE} | ({"cursor": cursor} if cursor else {}),
            )
            if isinstance(page, Refused):
                yield page
                return
            try:
                items, cursor = page["items"], page["next_cursor"]
            except KeyError as error:
                raise self._make_stranger_error() from error
            yield from items
            if cursor is None:
                return

    def _send(self, person: Person, method: str, path: str, **request: Any) -> httpx.Response:
        token = make_token(self._key, person.email, name=person.name)
        headers = {**request.pop("headers"), "Authorization": f"Bearer {token}"}
        attempt = 0
        while True:
            try:
                answer = self._http.request(method, path, headers=headers, **request)
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

    def _make_stranger_error(self) -> StackUnreachableError:
        return StackUnreachableError(f"what answers at {self._base_url} is not Convoke")


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
