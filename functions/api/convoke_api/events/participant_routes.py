"""/v1/events/{event_id}/participants."""

from typing import Annotated
from uuid import UUID

from convoke.domain import ResponseStatus
from fastapi import APIRouter, Query, Response

from convoke_api.dependencies import Autocommit, IdempotentPost, NotifyEnded, PageWanted, Transaction
from convoke_api.events.dependencies import EarlierResult, EventOfCaller, OrganizedEvent
from convoke_api.events.invite import invite, remove_participant
from convoke_api.events.leave import leave_event
from convoke_api.events.participants import list_participants
from convoke_api.events.respond import answer
from convoke_api.events.schemas import AnswerChange, Participant, ParticipantsAdd, ParticipantsAdded
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
    response_status: Annotated[ResponseStatus | None, Query(description="Only who has answered so.")] = None,
) -> Page[Participant]:
    """Who is invited, for the organizer and the participants."""
    return list_participants(work.connection, work.caller.id, event_id, page, response_status=response_status)


@router.post("", operation_id="add_participants", dependencies=[NotifyEnded])
async def add_participants(
    body: ParticipantsAdd,
    request: IdempotentPost,
    work: Transaction,
    earlier: EarlierResult,
    event: OrganizedEvent,
    response: Response,
) -> ParticipantsAdded:
    """Add people to a meeting; only the new ones are invited."""
    added = run_once(work, request, response, earlier, lambda: invite(work, event, body))
    return ParticipantsAdded(added=added)


@router.patch("/me", operation_id="answer_invitation", dependencies=[NotifyEnded])
async def change_answer(event: EventOfCaller, body: AnswerChange, work: Transaction) -> Participant:
    """Answer an invitation; the organizer is told when the answer has changed."""
    return answer(work, event, body.response_status)


@router.delete("/me", status_code=204, operation_id="leave_event", dependencies=[NotifyEnded])
async def leave(event_id: UUID, work: Transaction) -> None:
    """Leave an event: no further notification of it reaches the caller."""
    leave_event(work, event_id)


@router.delete("/{user_id}", status_code=204, operation_id="remove_participant", dependencies=[NotifyEnded])
async def delete_participant(event_id: UUID, user_id: UUID, work: Transaction) -> None:
    """Remove somebody from a meeting and tell them."""
    remove_participant(work, event_id, user_id)
