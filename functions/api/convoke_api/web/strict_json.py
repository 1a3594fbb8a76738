"""Parses JSON request bodies more strictly than the standard library (RFC 8259, RFC 7493)."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute


class StrictRoute(APIRoute):
    """A route that accepts only application/json (else 415) with unambiguous JSON (else 400)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handle_strictly(request: Request) -> Response:
            if takes_body and await request.body():
                # The body stays in the request that has read it, so that request is passed on.
                request = StrictRequest(request.scope, request.receive, await request.body())
            return await handle(request)

        return handle_strictly


class StrictRequest(Request):
    """A request with its body already read, whose `json()` rejects ambiguous JSON."""

    def __init__(self, scope: Any, receive: Any, body: bytes) -> None:
        super().__init__(scope, receive)
        self._body = body
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise HTTPException(415, "The Content-Type must be application/json.")

    async def json(self) -> Any:
        """Return the parsed body; raise HTTPException 400 for malformed or ambiguous JSON."""
        return parse_json(self._body)


def parse_json(body: bytes) -> Any:
    """Parse UTF-8 JSON without BOM, duplicate keys, NaN or Infinity; raise HTTPException 400 otherwise."""
    try:
        # Decoded here: json.loads accepts UTF-16, UTF-32 and a BOM in bytes.
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_parse_object, parse_constant=_parse_constant
        )
    except json.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not valid JSON (character {error.pos}).") from error
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"The body is not valid UTF-8 (byte {error.start}).") from error
    except RecursionError as error:
        raise HTTPException(400, "The body is nested too deeply.") from error
    except ValueError as error:
        # An integer of thousands of digits (sys.set_int_max_str_digits).
        raise HTTPException(400, "The body contains a number that is too long.") from error


def _parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise HTTPException(400, "The body contains an object with a duplicate key.")
    return members


def _parse_constant(_name: str) -> NoReturn:
    raise HTTPException(400, "The body contains NaN or Infinity, which JSON does not allow.")
