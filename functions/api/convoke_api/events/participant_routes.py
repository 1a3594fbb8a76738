"""Routes of /v1/events/{event_id}/participants: list, invite, respond, leave, remove."""

from typing import Annotated
from uuid import UUID

from convoke.domain import ResponseStatus
from fastapi import APIRouter, Query, Response

from convoke_api.dependencies import (
    Autocommit,
    IdempotentPost,
    NotifyEnded,
    PageWanted,
    StoredResult,
    Transaction,
)
from convoke_api.events.dependencies import EventOfCaller, OrganizedEvent
from convoke_api.events.invite import invite
from convoke_api.events.leave import leave_event
from convoke_api.events.participants import list_participants
from convoke_api.events.remove import remove_participant
from convoke_api.events.respond import respond
from convoke_api.events.schemas import AnswerChange, Participant, ParticipantsAdd, ParticipantsAdded
from convoke_api.idempotency.key import REPLAYED_HEADERS
from convoke_api.idempotency.stored_results import run_once
from convoke_api.web.schemas import Page
from convoke_api.web.strict_json import StrictRoute

router = APIRouter(
    prefix="/v1/events/{event_id}/participants", tags=["participants"], route_class=StrictRoute
)


@router.get("", operation_id="list_participants")
async def read_participants(
    event_id: UUID,
    work: Autocommit,
    page: PageWanted,
    response_status: Annotated[
        ResponseStatus | None, Query(description="Only participants with this RSVP.")
    ] = None,
) -> Page[Participant]:
    """List the participants of an event, for its organizer and its participants."""
    return list_participants(work.connection, work.caller.id, event_id, page, response_status=response_status)


@router.post("", operation_id="add_participants", dependencies=[NotifyEnded])
async def post_participants(
    body: ParticipantsAdd,
    request: IdempotentPost,
    work: Transaction,
    stored: StoredResult,
    event: OrganizedEvent,
    response: Response,
) -> ParticipantsAdded:
    """Add people to an event; only the new ones are invited."""
    result = run_once(work, request, stored, lambda: invite(work, event, body))
    if result.replayed:
        response.headers.update(REPLAYED_HEADERS)
    return ParticipantsAdded(added=result.affected)


@router.patch("/me", operation_id="answer_invitation", dependencies=[NotifyEnded])
async def patch_response(event: EventOfCaller, body: AnswerChange, work: Transaction) -> Participant:
    """Respond to an invitation; the organizer is notified when the RSVP has changed."""
    return respond(work, event, body.response_status)


@router.delete("/me", status_code=204, operation_id="leave_event", dependencies=[NotifyEnded])
async def leave(event_id: UUID, work: Transaction) -> None:
    """Leave an event: no further notification of it reaches the caller."""
    leave_event(work, event_id)


@router.delete("/{user_id}", status_code=204, operation_id="remove_participant", dependencies=[NotifyEnded])
async def delete_participant(event_id: UUID, user_id: UUID, work: Transaction) -> None:
    """Remove a person from an event and notify them."""
    remove_participant(work, event_id, user_id)
