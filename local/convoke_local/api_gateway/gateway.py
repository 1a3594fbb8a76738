"""Stand in for API Gateway: pass HTTP requests as Lambda events to the API function (ASGI)."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from convoke_local.api_gateway.cors import Cors, replace_cors_headers
from convoke_local.api_gateway.proxy_events import (
    MalformedResponseError,
    Request,
    Response,
    list_scopes,
    make_event,
    read_response,
)
from convoke_local.api_gateway.routes import Match, Route, find_route
from convoke_local.api_gateway.tokens import InvalidTokenError
from convoke_local.lambda_.functions import FunctionTimeoutError, InvocationError, ThrottledError
from convoke_local.lambda_.runtime import LONGEST_PAYLOAD_BYTES
from convoke_local.processes.ports import HOST

#: HTTP API quotas: 10,240 bytes of request line and headers, and an integration timeout of 30 s.
_LONGEST_HEADERS_BYTES = 10_240
INTEGRATION_TIMEOUT_SECONDS = 30.0

#: The bytes of an oversized body that are still read, so that the client can read the response.
_DISCARDED_BYTES = 64_000_000

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_logger = logging.getLogger(__name__)


class _RefusedError(Exception):
    """The gateway itself responds, and the function is not called."""

    def __init__(self, status: int, message: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.response = Response(
            status,
            [("content-type", "application/json"), *headers],
            json.dumps({"message": message}, separators=(",", ":")).encode(),
        )


class Gateway:
    """Serve one function over HTTP, as an ASGI application.

    `authorize` returns the claims of a valid token, or raises InvalidTokenError. `invoke` calls the function
    with an event and returns its result (both JSON), or raises an InvocationError; it may block:
    `concurrency` calls run at once and the others wait. Without `cors` the function's own headers stay.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        authorize: Callable[[str], Mapping[str, Any]],
        invoke: Callable[[str], str],
        *,
        concurrency: int,
        timeout_seconds: float = INTEGRATION_TIMEOUT_SECONDS,
        cors: Cors | None = None,
    ) -> None:
        self._routes = routes
        self._authorize = authorize
        self._invoke = invoke
        self._timeout_seconds = timeout_seconds
        self._cors = cors
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="gateway")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = monotonic()
        request_id = str(uuid4())
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        try:
            response = await self._respond(scope, headers, receive, request_id)
        except _RefusedError as refusal:
            response = refusal.response
        except ConnectionAbortedError:
            return
        if self._cors:
            added = replace_cors_headers(self._cors, scope["method"], dict(headers), response.headers)
            response = replace(response, headers=added)
        await _send_response(send, scope["method"], response, request_id)
        # No query and no claims: they may contain personal data.
        _logger.info(
            "%s %s %d %d bytes %.1f ms %s",
            *(scope["method"], scope["path"].encode("unicode_escape").decode()),
            *(response.status, len(response.body), (monotonic() - started) * 1000, request_id),
        )

    async def _respond(
        self, scope: Scope, headers: list[tuple[str, str]], receive: Receive, request_id: str
    ) -> Response:
        received_at = datetime.now(UTC)
        body = await _receive_body(receive)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LONGEST_HEADERS_BYTES:
            raise _RefusedError(431, "Request Header Fields Too Large")
        path = unquote(scope["raw_path"].decode("latin-1"))
        match = find_route(self._routes, scope["method"], path)
        if match is None:
            raise _RefusedError(404, "Not Found")
        claims = self._check_token(match, dict(headers).get("authorization", ""))
        if body is None:
            raise _RefusedError(413, "Request Entity Too Large")
        request = Request(
            method=scope["method"],
            path=path,
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            source_ip=scope["client"][0] if scope.get("client") else HOST,
            port=scope["server"][1],
            protocol=f"HTTP/{scope['http_version']}",
            request_id=request_id,
            received_at=received_at,
        )
        event = json.dumps(make_event(request, match, claims), ensure_ascii=False)
        # The limit applies to the whole event, with base64 and the request context.
        if len(event.encode(errors="surrogatepass")) > LONGEST_PAYLOAD_BYTES:
            raise _RefusedError(413, "Request Entity Too Large")
        return await self._call_function(event)

    def _check_token(self, match: Match, header: str) -> Mapping[str, Any] | None:
        if not match.route.authorized:
            return None
        # "The identitySource can include only the token, or the token prefixed with Bearer."
        scheme, _, rest = header.strip().partition(" ")
        token = rest.strip() if scheme.lower() == "bearer" else header.strip()
        if not token:
            raise _RefusedError(401, "Unauthorized", [("www-authenticate", "Bearer")])
        try:
            claims = self._authorize(token)
        except InvalidTokenError as error:
            challenge = f'Bearer scope="" error="invalid_token" error_description="{error}"'
            raise _RefusedError(401, "Unauthorized", [("www-authenticate", challenge)]) from error
        scopes = match.route.scopes
        if scopes and not set(scopes) & set(list_scopes(claims)):
            challenge = f'Bearer scope="{" ".join(scopes)}" error="insufficient_scope"'
            raise _RefusedError(403, "Forbidden", [("www-authenticate", challenge)])
        return claims

    async def _call_function(self, event: str) -> Response:
        call = asyncio.get_running_loop().run_in_executor(self._threads, self._invoke, event)
        try:
            return read_response(await asyncio.wait_for(call, self._timeout_seconds))
        except (TimeoutError, ThrottledError, FunctionTimeoutError) as error:
            _logger.warning("no response of the function in time: %s", error)
            raise _RefusedError(503, "Service Unavailable") from error
        except (InvocationError, MalformedResponseError) as error:
            _logger.error("API function failed: %s", error)
            raise _RefusedError(500, "Internal Server Error") from error


async def _receive_body(receive: Receive) -> bytes | None:
    """Return the request's body; None when it is longer than an event may be.

    Raises ConnectionAbortedError when the client disconnects before it has sent the whole body.
    """
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        chunk = message.get("body", b"")
        length += len(chunk)
        if length <= LONGEST_PAYLOAD_BYTES:
            chunks.append(chunk)
        if not message.get("more_body") or length > _DISCARDED_BYTES:
            return b"".join(chunks) if length <= LONGEST_PAYLOAD_BYTES else None


async def _send_response(send: Send, method: str, response: Response, request_id: str) -> None:
    has_length = any(name == "content-length" for name, _ in response.headers)
    length = [] if has_length else [("content-length", str(len(response.body)))]
    headers = [*response.headers, *length, ("apigw-requestid", request_id)]
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers
            ],
        }
    )
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else response.body})
