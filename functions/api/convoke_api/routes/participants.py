"""/v1/events/{event_id}/participants."""

from typing import Annotated
from uuid import UUID

from convoke.domain import ResponseStatus
from fastapi import APIRouter, Query

from convoke_api.bodies import StrictRoute
from convoke_api.dependencies import Autocommit, PageWanted
from convoke_api.openapi import problems
from convoke_api.participation import list_participants
from convoke_api.schemas.base import Page
from convoke_api.schemas.events import Participant

router = APIRouter(
    prefix="/v1/events/{event_id}/participants", tags=["participants"], route_class=StrictRoute
)


@router.get("", responses=problems(404, 422))
async def read_participants(
    event_id: UUID,
    work: Autocommit,
    page: PageWanted,
    response_status: Annotated[ResponseStatus | None, Query(description="Only who has answered so.")] = None,
) -> Page[Participant]:
    """Who is invited, for the organiser and the participants."""
    return list_participants(work.connection, work.caller.id, event_id, page, response_status=response_status)
