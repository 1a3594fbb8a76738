"""JSON request bodies, read more strictly than the standard library does (RFC 8259, RFC 7493)."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute


class StrictRoute(APIRoute):
    """A route whose JSON body has the right media type (415) and is unambiguous JSON (400)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handle_strictly(request: Request) -> Response:
            if takes_body and await request.body():
                # FastAPI keeps the body in the request that has read it, so the same one goes on.
                request = StrictRequest(request.scope, request.receive, await request.body())
            return await handle(request)

        return handle_strictly


class StrictRequest(Request):
    """A request whose body is there already and whose `json()` refuses what could be read in two ways."""

    def __init__(self, scope: Any, receive: Any, body: bytes) -> None:
        super().__init__(scope, receive)
        self._body = body
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise HTTPException(415, "The body must be application/json.")

    async def json(self) -> Any:
        """The body as JSON; raises HTTPException 400 for malformed or ambiguous JSON."""
        return parse_json(self._body)


def parse_json(body: bytes) -> Any:
    """Parse UTF-8 JSON without BOM, duplicate keys, NaN or Infinity; HTTPException 400 otherwise."""
    try:
        # json.loads would drop a BOM only from text, and guesses UTF-16 and UTF-32 from bytes.
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not JSON (character {error.pos}).") from error
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"The body is not UTF-8 (byte {error.start}).") from error
    except RecursionError as error:
        raise HTTPException(400, "The body is nested too deeply.") from error
    except ValueError as error:
        # A whole number of thousands of digits (sys.set_int_max_str_digits).
        raise HTTPException(400, "The body holds a number that is too long.") from error


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise HTTPException(400, "The body holds an object with a duplicate key.")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise HTTPException(400, "The body holds NaN or Infinity, which are not JSON.")
