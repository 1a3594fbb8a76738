"""Notifies by a worker, in tasks of a hundred participants with one commit each."""

from collections.abc import Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from celery import shared_task
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
    serialize,
)
from benchmarks.peers.celery_app import engine_of, find_engine, make_celery, run_worker, workers_respond

__all__ = ["Notification", "make_app", "run_worker", "workers_respond"]

_CHUNK = 100

router = APIRouter()


class Notification(tables.Notification, tables.Base):
    """A notification of this peer."""

    __tablename__ = "celery_chunks_notifications"


@router.post("/v1/events", status_code=201)
def create(payload: EventCreate, session: SessionDep, current_user: CurrentUser) -> EventRead:
    """Create an event and enqueue its notifications."""
    event, invited = create_event(session, payload, current_user)
    for user_ids in batched(list_recipients(current_user, invited), _CHUNK, strict=False):
        notify_chunk_invited.delay([str(user_id) for user_id in user_ids], str(event.id))
    return serialize(event, current_user, invited)


@shared_task(bind=True, ignore_result=True)
def notify_chunk_invited(task: Any, user_ids: Sequence[str], event_id: str) -> None:
    """Notify a hundred participants."""
    with Session(engine_of(task)) as session:
        event = session.get_one(tables.Event, UUID(event_id))
        session.add_all(
            Notification(user_id=UUID(user_id), event_id=event.id, **tables.invite(event.title))
            for user_id in user_ids
        )
        session.commit()


def make_app(database_url: str, broker_url: str) -> FastAPI:
    """Make the application on that database and that broker."""
    make_celery(database_url, broker_url)
    app = make_application(find_engine(database_url))
    app.include_router(router)
    return app
