"""Notifies after the response, by a background task for each participant with a session of its own.

FastAPI closes the session of the request only when all tasks have run, so the request keeps one connection
while each task in turn takes another: as many requests at a time as the pool has connections (15) leave the
tasks none, and each task that has waited for 30 seconds gives up.
"""

import logging
from uuid import UUID

from convoke_api.events.schemas import Event as EventRead
from convoke_api.events.schemas import EventCreate
from fastapi import APIRouter, BackgroundTasks, FastAPI, Request
from sqlalchemy import Engine
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

logger = logging.getLogger(__name__)
router = APIRouter()


class Notification(tables.Notification, tables.Base):
    """A notification of this peer."""

    __tablename__ = "background_tasks_notifications"


@router.post("/v1/events", status_code=201)
def create(
    payload: EventCreate,
    background_tasks: BackgroundTasks,
    request: Request,
    session: SessionDep,
    current_user: CurrentUser,
) -> EventRead:
    """Create an event and enqueue its notifications."""
    event, invited = create_event(session, payload, current_user)
    for user_id in list_recipients(current_user, invited):
        background_tasks.add_task(
            notify_event_invited, request.app.state.engine, user_id=user_id, event_id=event.id
        )
    return serialize(event, current_user, invited)


def notify_event_invited(engine: Engine, user_id: UUID, event_id: UUID) -> None:
    """Notify one participant; a failure is logged, without a retry."""
    try:
        with Session(engine) as session:
            event = session.get(tables.Event, event_id)
            if event is None:
                logger.warning("there is no event %s", event_id)
                return
            session.add(Notification(user_id=user_id, event_id=event.id, **tables.invite(event.title)))
            session.commit()
    except Exception:
        logger.exception("could not notify %s of event %s", user_id, event_id)


def make_app(database_url: str) -> FastAPI:
    """Make the application on that database."""
    app = make_application(make_engine(database_url))
    app.include_router(router)
    return app
