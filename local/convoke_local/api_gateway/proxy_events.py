"""Make Lambda events of HTTP requests, and HTTP responses of results: payload format version 2.0.

The rules: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from convoke_local.api_gateway.routes import Match

_API_ID = "local"
_ACCOUNT_ID = "000000000000"

_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


class MalformedResponseError(ValueError):
    """The function's result is not a response in payload format 2.0."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as received; header names in lower case, `path` percent-decoded."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str
    #: The gateway's own port, not that of the Host header.
    port: int
    protocol: str
    #: Added by the gateway: an id, and the time of receipt.
    request_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, ready to be sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def make_event(request: Request, match: Match, claims: Mapping[str, Any] | None) -> dict[str, Any]:
    """Make the Lambda event of a request; `claims` are those of the verified token on an authorized route."""
    headers, cookies = _combine_headers(request)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.key,
        # Percent-decoded in spite of its name, as in HTTP APIs.
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _make_context(request, match.route.key, headers.get("user-agent", ""), claims),
        "isBase64Encoded": False,
    }
    # Absent parts of a request are left out, not null.
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = _combine_parameters(request.query)
    if match.path_parameters:
        event["pathParameters"] = match.path_parameters
    if request.body:
        event["body"], event["isBase64Encoded"] = _encode_body(request.body, headers)
    return event


def _combine_headers(request: Request) -> tuple[dict[str, str], list[str]]:
    combined: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            combined[name] = f"{combined[name]},{value}" if name in combined else value
    forwarded = combined.get("x-forwarded-for")
    combined["x-forwarded-for"] = f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip
    combined["x-forwarded-proto"] = "http"
    combined["x-forwarded-port"] = str(request.port)
    return combined, cookies


def _combine_parameters(query: str) -> dict[str, str]:
    combined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        combined[name] = f"{combined[name]},{value}" if name in combined else value
    return combined


def _make_context(
    request: Request, route_key: str, user_agent: str, claims: Mapping[str, Any] | None
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "accountId": _ACCOUNT_ID,
        "apiId": _API_ID,
        "domainName": f"{_API_ID}.execute-api.localhost",
        "domainPrefix": _API_ID,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": user_agent,
        },
        "requestId": request.request_id,
        "routeKey": route_key,
        "stage": "$default",
        "time": request.received_at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(request.received_at.timestamp() * 1000),
    }
    if claims is not None:
        scopes = list_scopes(claims)
        context["authorizer"] = {"jwt": {"claims": stringify_claims(claims), "scopes": scopes or None}}
    return context


def list_scopes(claims: Mapping[str, Any]) -> list[str]:
    """Return the scopes of a token, from `scope` or else `scp` (API Gateway, "Using JWT authorizers")."""
    given = claims.get("scope") or claims.get("scp") or ""
    return [str(scope) for scope in given] if isinstance(given, list) else str(given).split()


def stringify_claims(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return all claims as text, as the JWT authorizer passes them: true → "true", ["a", "b"] → "[a b]"."""
    return {name: _stringify(value) for name, value in claims.items()}


def _stringify(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(_stringify(item) for item in value)}]"
    return json.dumps(value)


def _encode_body(body: bytes, headers: Mapping[str, str]) -> tuple[str, bool]:
    is_text = headers.get("content-type", "").strip().lower().startswith(_TEXT_TYPES)
    if is_text and "content-encoding" not in headers:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            # Not text in spite of its content type: base64 keeps all of its bytes.
            pass
    return base64.b64encode(body).decode("ascii"), True


def read_response(result: str) -> Response:
    """Return the HTTP response for the function's result (JSON).

    Without a `statusCode` the whole result is the body of a 200. Raises MalformedResponseError.
    """
    fields = json.loads(result)
    if not isinstance(fields, dict) or "statusCode" not in fields:
        body = fields if isinstance(fields, str) else result
        return Response(200, [("content-type", "application/json")], body.encode(errors="replace"))
    try:
        return Response(int(fields["statusCode"]), _read_headers(fields), _read_body(fields))
    except (TypeError, ValueError, AttributeError) as error:
        raise MalformedResponseError("the function's result is not in payload format 2.0") from error


def _read_headers(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    headers = [(name.lower(), _stringify(value)) for name, value in (fields.get("headers") or {}).items()]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    return headers + [("set-cookie", str(cookie)) for cookie in fields.get("cookies") or []]


def _read_body(fields: Mapping[str, Any]) -> bytes:
    body = fields.get("body") or ""
    if not isinstance(body, str):
        raise TypeError("the body must be text")
    if not fields.get("isBase64Encoded"):
        return body.encode(errors="replace")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError("the body is not base64") from error
