"""A request as schemathesis makes it, on the way that API Gateway takes: an event for the real handler."""

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from convoke_api.invocation import Handler
from convoke_local.api_gateway.proxy_events import Request, make_event, read_response
from convoke_local.api_gateway.routes import Route, find_route
from schemathesis import Case
from urllib3 import HTTPResponse

BASE_URL = "http://api.example.org"

#: All paths reach the application (in the deployed template: /health openly, everything else authorized).
_ROUTES = [Route("GET", "/health", authorized=False), Route("", "", authorized=True)]


def send(case: Case[Any], handler: Handler, claims: Mapping[str, Any]) -> requests.Response:
    """Send a case through the gateway's events, with the claims of a verified token."""
    arguments = case.as_transport_kwargs(base_url=BASE_URL)
    prepared = requests.Request(
        **{name: arguments[name] for name in _PREPARED if name in arguments}
    ).prepare()
    return exchange(prepared, handler, claims)


_PREPARED = ("method", "url", "headers", "params", "data", "json", "files", "cookies")


def exchange(
    prepared: requests.PreparedRequest, handler: Handler, claims: Mapping[str, Any]
) -> requests.Response:
    """One request to the handler, and the response as an HTTP client sees it."""
    assert prepared.url is not None
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    request = Request(
        method=str(prepared.method),
        path=unquote(url.path),
        query=url.query,
        headers=[(name.lower(), _text(value)) for name, value in prepared.headers.items()],
        body=body.encode() if isinstance(body, str) else body,
        source_ip="192.0.2.1",
        port=443,
        protocol="HTTP/1.1",
        request_id="fuzz",
        received_at=datetime.now(UTC),
    )
    match = find_route(_ROUTES, request.method, request.path)
    assert match is not None
    event = json.loads(json.dumps(make_event(request, match, claims if match.route.authorized else None)))
    answer = read_response(json.dumps(handler(event, None)))
    body = b"" if request.method == "HEAD" else answer.body
    raw = HTTPResponse(
        body=io.BytesIO(body),
        headers=answer.headers,
        status=answer.status,
        preload_content=False,
        request_method=request.method,
    )
    response = requests.adapters.HTTPAdapter().build_response(prepared, raw)
    assert response.content == body
    return response


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
