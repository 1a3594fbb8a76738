"""Routes of /v1/events/{event_id}/calendar.ics: an event for other calendars."""

from uuid import UUID

from fastapi import APIRouter, Response

from convoke_api.dependencies import Autocommit
from convoke_api.events.calendar_files import MEDIA_TYPE, list_attendees, render_participants, write_calendar
from convoke_api.events.queries import get_event
from convoke_api.web.etags import IfNoneMatch, make_etag, names_etag
from convoke_api.web.strict_json import StrictRoute

router = APIRouter(tags=["calendars"], route_class=StrictRoute)


@router.get("/v1/events/{event_id}/calendar.ics", response_class=Response, operation_id="get_event_calendar")
async def read_event_calendar(
    event_id: UUID, work: Autocommit, if_none_match: IfNoneMatch = None
) -> Response:
    """Return an event as an iCalendar file, to its organizer or a participant."""
    event = get_event(work.connection, work.caller.id, event_id)
    attendees = list_attendees(work.connection, event_id)
    # Computed from the contents, not from the file: writing it takes longer than the rest of the request.
    contents = event.model_dump_json().encode(), render_participants(attendees)
    headers = {"ETag": make_etag(event.version, *contents)}
    if names_etag(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    file = write_calendar(event, attendees)
    headers["Content-Disposition"] = f'attachment; filename="{event_id}.ics"'
    return Response(file, headers=headers, media_type=MEDIA_TYPE)
