"""Routes of /v1/events: create, list, read, update and cancel events, list deliveries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from convoke_api.dependencies import Autocommit, IdempotentPost, NotifyEnded, PageWanted, Transaction
from convoke_api.events.cancel import cancel_event
from convoke_api.events.create import create_event
from convoke_api.events.deliveries import list_deliveries
from convoke_api.events.dependencies import OrganizedEvent
from convoke_api.events.participants import ensure_organizer
from convoke_api.events.queries import get_event, list_events
from convoke_api.events.schemas import Delivery, Event, EventCreate, EventUpdate
from convoke_api.events.update import update_event
from convoke_api.idempotency.key import REPLAYED_HEADERS
from convoke_api.web.etags import IfMatch, IfNoneMatch, make_tagged_response, parse_if_match
from convoke_api.web.fields import Instant, Uid
from convoke_api.web.schemas import Page
from convoke_api.web.strict_json import StrictRoute

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)


@router.post(
    "", status_code=201, response_model=Event, operation_id="create_event", dependencies=[NotifyEnded]
)
async def post_event(body: EventCreate, request: IdempotentPost, work: Autocommit) -> Response:
    """Create an event and invite every participant but the caller."""
    created = create_event(work, body, request)
    headers = {"Location": f"/v1/events/{created.event.id}"}
    if created.replayed:
        headers |= REPLAYED_HEADERS
    return _make_response(created.event, status=201, headers=headers)


@router.get("", operation_id="list_events")
async def read_events(
    work: Autocommit,
    page: PageWanted,
    overlaps_from: Annotated[Instant | None, Query(alias="from", description="Ends after this.")] = None,
    overlaps_to: Annotated[Instant | None, Query(alias="to", description="Starts before this.")] = None,
    uid: Annotated[Uid | None, Query(description="iCalendar UID.")] = None,
) -> Page[Event]:
    """List the events that the caller organizes or is invited to, by start."""
    return list_events(
        work.connection, work.caller.id, page, overlaps_from=overlaps_from, overlaps_to=overlaps_to, uid=uid
    )


@router.get("/{event_id}", response_model=Event, operation_id="get_event")
async def read_event(event_id: UUID, work: Autocommit, if_none_match: IfNoneMatch = None) -> Response:
    """Return an event to its organizer or a participant."""
    event = get_event(work.connection, work.caller.id, event_id)
    return _make_response(event, if_none_match=if_none_match)


@router.patch("/{event_id}", response_model=Event, operation_id="update_event", dependencies=[NotifyEnded])
async def patch_event(
    event: OrganizedEvent, body: EventUpdate, work: Transaction, if_match: IfMatch = None
) -> Response:
    """Update an event; its participants are notified when a visible field has changed."""
    updated = update_event(work, event, body.model_dump(), allowed_versions=parse_if_match(if_match))
    return _make_response(updated)


@router.delete("/{event_id}", status_code=204, operation_id="cancel_event", dependencies=[NotifyEnded])
async def delete_event(event_id: UUID, work: Transaction, if_match: IfMatch = None) -> None:
    """Cancel an event; it stays readable, and nobody is notified twice."""
    cancel_event(work, event_id, allowed_versions=parse_if_match(if_match))


@router.get("/{event_id}/deliveries", operation_id="list_deliveries")
async def read_deliveries(event_id: UUID, work: Autocommit, page: PageWanted) -> Page[Delivery]:
    """List the event's waves of notifications and how far each is delivered, for the organizer."""
    ensure_organizer(work.connection, work.caller.id, event_id)
    return list_deliveries(work.connection, event_id, page)


def _make_response(
    event: Event,
    *,
    status: int = 200,
    if_none_match: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    return make_tagged_response(
        event.model_dump_json().encode(), event.version, status, if_none_match=if_none_match, headers=headers
    )
