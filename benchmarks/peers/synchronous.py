"""Everybody is told before the answer: one insert and one commit for each, in the request's session.

Each commit expires what the session holds, as by default, so the meeting is read again for each.
"""

from uuid import UUID

from convoke_api.events.schemas import Event as EventRead
from convoke_api.events.schemas import EventCreate
from fastapi import APIRouter, FastAPI
from sqlalchemy.orm import Session

from benchmarks.peers import tables
from benchmarks.peers.meetings import (
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
    """What somebody is told."""

    __tablename__ = "synchronous_notifications"


@router.post("/v1/events", status_code=201)
def create(payload: EventCreate, session: SessionDep, current_user: CurrentUser) -> EventRead:
    """Create a meeting and tell everybody."""
    event, invited = create_event(session, payload, current_user)
    for user_id in list_recipients(current_user, invited):
        notify_event_invited(session, user_id, event)
    return serialize(event, current_user, invited)


def notify_event_invited(session: Session, user_id: UUID, event: tables.Event) -> None:
    """Tell one of them."""
    session.add(Notification(user_id=user_id, event_id=event.id, **tables.invite(event.title)))
    session.commit()


def make_app(database_url: str) -> FastAPI:
    """The application over that database."""
    app = make_application(make_engine(database_url))
    app.include_router(router)
    return app
