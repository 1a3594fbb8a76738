"""Notifies before the response: one insert and one commit for each participant, in the request's session.

Each commit expires the session's objects, as by default, so that the event is read again for each.
"""

from uuid import UUID

from convoke_api.events.schemas import Event as EventRead
from convoke_api.events.schemas import EventCreate
from fastapi import APIRouter, FastAPI
from sqlalchemy.orm import Session

from benchmarks.peers import tables
from benchmarks.peers.application import (
    CurrentUser,
    SessionDep,
    create_event,
    list_recipients,
    make_application,
    make_engine,
    serialize,
)

router = APIRouter()


class Notification(tables.Notification, tables.Base):
    """A notification of this peer."""

    __tablename__ = "synchronous_notifications"


@router.post("/v1/events", status_code=201)
def create(payload: EventCreate, session: SessionDep, current_user: CurrentUser) -> EventRead:
    """Create an event and notify all participants."""
    event, invited = create_event(session, payload, current_user)
    for user_id in list_recipients(current_user, invited):
        notify_event_invited(session, user_id, event)
    return serialize(event, current_user, invited)


def notify_event_invited(session: Session, user_id: UUID, event: tables.Event) -> None:
    """Notify one participant."""
    session.add(Notification(user_id=user_id, event_id=event.id, **tables.invite(event.title)))
    session.commit()


def make_app(database_url: str) -> FastAPI:
    """Make the application on that database."""
    app = make_application(make_engine(database_url))
    app.include_router(router)
    return app
