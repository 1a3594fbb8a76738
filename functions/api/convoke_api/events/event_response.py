"""Makes the HTTP response that holds an event, with its entity tag."""

from fastapi import Response
from pydantic import TypeAdapter

from convoke_api.events.schemas import Event
from convoke_api.web.etags import make_etag, names_etag

_EVENT = TypeAdapter(Event)


def render_event(event: Event) -> bytes:
    """Return the event as JSON; the tag is computed from the bytes that are sent."""
    return _EVENT.dump_json(event)


def make_event_response(
    event: Event,
    *,
    status: int = 200,
    if_none_match: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Make the response with the event and its tag; 304 without a body when If-None-Match names the tag."""
    body = render_event(event)
    etag = make_etag(event.version, body)
    if names_etag(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, status, {"ETag": etag, **(headers or {})}, "application/json")
