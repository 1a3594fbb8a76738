"""Send requests to the API as a person: wait and repeat, return the response, or end the import."""

import time
from collections.abc import Callable, Iterator, Mapping
from math import isnan
from typing import Any, Self
from uuid import uuid4

import httpx

from convoke_importer.api import Refused
from convoke_importer.errors import StackUnreachableError
from convoke_importer.people import Person

#: The gateway gives a request 30 seconds (API Gateway, HTTP API quotas).
_TIMEOUT_SECONDS = 35
#: Attempts while the server responds with 502 to 504; a 429 is waited out without a limit.
_ATTEMPTS = 5
_RETRY_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 300.0
_LARGEST_PAGE = "100"


#: Makes a bearer token from an address and a full name.
type MakeToken = Callable[[str, str | None], str]


class Connection:
    """Send requests to `base_url`, each with a token of the person it is made as."""

    def __init__(
        self,
        base_url: str,
        make_token: MakeToken,
        *,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._make_token = make_token
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
        """Return the JSON of the response to a request of that person, empty where there is none.

        A repeated request has the same idempotency key. Raises StackUnreachableError.
        """
        idempotency = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        response = self._send(
            person, method, path, params=query, json=body, headers={**idempotency, **(headers or {})}
        )
        if not response.is_success:
            return _read_refusal(response)
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            return dict(response.json())
        except (ValueError, TypeError) as error:
            raise self._unknown_server_error() from error

    def list_items(
        self, person: Person, path: str, query: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Any] | Refused]:
        """Yield the items of all pages; a refusal is the last of them. Raises StackUnreachableError."""
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
                raise self._unknown_server_error() from error
            yield from items
            if cursor is None:
                return

    def _send(self, person: Person, method: str, path: str, **request: Any) -> httpx.Response:
        token = self._make_token(person.email, person.name)
        headers = {**request.pop("headers"), "Authorization": f"Bearer {token}"}
        attempt = 0
        while True:
            try:
                response = self._http.request(method, path, headers=headers, **request)
            except httpx.TransportError as error:
                raise StackUnreachableError(
                    f"{self._base_url} does not respond: start it with `convoke up` (or `make run`)"
                ) from error
            if response.status_code == httpx.codes.UNAUTHORIZED:
                raise StackUnreachableError(
                    f"{self._base_url} rejects the tokens of this data folder: CONVOKE_DATA_DIR must be"
                    " that of the running stack"
                )
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                self._wait(_read_retry_after(response))
                continue
            attempt += 1
            if response.status_code not in (502, 503, 504):
                return response
            if attempt == _ATTEMPTS:
                raise StackUnreachableError(
                    f"{self._base_url} fails with status {response.status_code}: see its logs"
                )
            self._wait(_read_retry_after(response))

    def _unknown_server_error(self) -> StackUnreachableError:
        return StackUnreachableError(f"the server at {self._base_url} is not Convoke")


def _read_retry_after(response: httpx.Response) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return _RETRY_SECONDS
    if isnan(seconds):
        return _RETRY_SECONDS
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def _read_refusal(response: httpx.Response) -> Refused:
    try:
        problem = response.json()
        places = [f"{each['pointer']} {each['detail']}" for each in problem.get("errors", [])]
        # A response of the gateway itself has a message instead.
        detail = "; ".join([problem.get("detail") or problem["message"], *places])
    except (ValueError, KeyError, TypeError, AttributeError):
        detail = "without an explanation"
    return Refused(response.status_code, detail)
