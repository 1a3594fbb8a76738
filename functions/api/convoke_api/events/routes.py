"""/v1/events: create, list, read, change, cancel, and what became of the notifications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from convoke_api.dependencies import Autocommit, IdempotentPost, NotifyEnded, PageWanted, Transaction
from convoke_api.events.cancel import cancel_event
from convoke_api.events.create import schedule
from convoke_api.events.deliveries import list_deliveries
from convoke_api.events.dependencies import OrganizedEvent
from convoke_api.events.event_response import make_event_response
from convoke_api.events.participants import ensure_organizer
from convoke_api.events.queries import get_event, list_events
from convoke_api.events.schemas import Delivery, Event, EventCreate, EventUpdate
from convoke_api.events.update import update_event
from convoke_api.web.etags import IfMatch, IfNoneMatch
from convoke_api.web.fields import Instant, Uid
from convoke_api.web.schemas import Page
from convoke_api.web.strict_json import StrictRoute

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)


@router.post(
    "", status_code=201, response_model=Event, operation_id="create_event", dependencies=[NotifyEnded]
)
async def create_event(body: EventCreate, request: IdempotentPost, work: Autocommit) -> Response:
    """Create a meeting and invite every participant but the caller."""
    scheduled = schedule(work, body, request)
    headers = {"Location": f"/v1/events/{scheduled.event.id}"}
    if scheduled.replayed:
        headers["Idempotency-Replayed"] = "true"
    return make_event_response(scheduled.event, status=201, headers=headers)


@router.get("", operation_id="list_events")
async def read_events(
    work: Autocommit,
    page: PageWanted,
    overlaps_from: Annotated[Instant | None, Query(alias="from", description="Ends after this.")] = None,
    overlaps_to: Annotated[Instant | None, Query(alias="to", description="Starts before this.")] = None,
    uid: Annotated[Uid | None, Query(description="iCalendar UID.")] = None,
) -> Page[Event]:
    """The events that the caller organizes or is invited to, by start."""
    return list_events(
        work.connection, work.caller.id, page, overlaps_from=overlaps_from, overlaps_to=overlaps_to, uid=uid
    )


@router.get("/{event_id}", response_model=Event, operation_id="get_event")
async def read_event(event_id: UUID, work: Autocommit, if_none_match: IfNoneMatch = None) -> Response:
    """One event, for its organizer and its participants."""
    event = get_event(work.connection, work.caller.id, event_id)
    return make_event_response(event, if_none_match=if_none_match)


@router.patch("/{event_id}", response_model=Event, operation_id="update_event", dependencies=[NotifyEnded])
async def change_event(
    event: OrganizedEvent, body: EventUpdate, work: Transaction, if_match: IfMatch = None
) -> Response:
    """Change a meeting; its participants are told when something that they can see has changed."""
    return make_event_response(update_event(work, event, body.model_dump(), if_match=if_match))


@router.delete("/{event_id}", status_code=204, operation_id="cancel_event", dependencies=[NotifyEnded])
async def remove_event(event_id: UUID, work: Transaction, if_match: IfMatch = None) -> None:
    """Cancel a meeting; it stays readable, and nobody is told twice."""
    cancel_event(work, event_id, if_match=if_match)


@router.get("/{event_id}/deliveries", operation_id="list_deliveries")
async def read_deliveries(event_id: UUID, work: Autocommit, page: PageWanted) -> Page[Delivery]:
    """For the organizer: whether each wave of notifications has arrived."""
    ensure_organizer(work.connection, work.caller.id, event_id)
    return list_deliveries(work.connection, event_id, page)
