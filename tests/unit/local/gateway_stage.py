"""Make a gateway with some routes and tokens, and call it over ASGI, without a socket."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from convoke_local.api_gateway.cors import Cors
from convoke_local.api_gateway.gateway import Gateway
from convoke_local.api_gateway.routes import Route
from convoke_local.api_gateway.tokens import InvalidTokenError

ROUTES = [
    Route("GET", "/health", authorized=False),
    Route("OPTIONS", "/{proxy+}", authorized=False),
    Route("", "", authorized=True, scopes=("convoke/api",)),
]


PAGE = "https://calendar.example"


CORS = Cors([PAGE], ["GET", "PUT"], ["authorization", "if-match"], ["etag"], 600)


BEARER = {"authorization": "Bearer good"}


def accept_good_tokens(token: str) -> Mapping[str, Any]:
    if token == "good":
        return {"sub": "ada", "scope": "openid convoke/api"}
    if token.startswith("scopes:"):
        return {"sub": "ada", **json.loads(token.removeprefix("scopes:"))}
    raise InvalidTokenError("the token has expired")


class EchoingFunction:
    """Return each Lambda event as the body, and keep it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: str) -> str:
        self.events.append(json.loads(event))
        return json.dumps({"statusCode": 200, "body": event})


def send(
    invoke: Callable[[str], str], method: str, path: str, *, timeout_seconds: float = 30, **options: Any
) -> httpx.Response:
    gateway = Gateway(
        ROUTES, accept_good_tokens, invoke, concurrency=2, timeout_seconds=timeout_seconds, cors=CORS
    )

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(gateway)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())
