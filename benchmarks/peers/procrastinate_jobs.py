"""Notifies by a worker, in one job for each participant; PostgreSQL is the queue.

All jobs of an event are deferred at once, which procrastinate's documentation calls more efficient than one
by one. The worker is one process that runs one job at a time and keeps finished jobs, as by default.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
from convoke_api.events.schemas import Event as EventRead
from convoke_api.events.schemas import EventCreate
from fastapi import APIRouter, FastAPI
from procrastinate import App, Blueprint, JobContext, PsycopgConnector
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
jobs = Blueprint()


class Notification(tables.Notification, tables.Base):
    """A notification of this peer."""

    __tablename__ = "procrastinate_notifications"


@router.post("/v1/events", status_code=201)
def create(payload: EventCreate, session: SessionDep, current_user: CurrentUser) -> EventRead:
    """Create an event and enqueue its notifications."""
    event, invited = create_event(session, payload, current_user)
    recipients = list_recipients(current_user, invited)
    notify_event_invited.batch_defer(
        *({"user_id": str(user_id), "event_id": str(event.id)} for user_id in recipients)
    )
    return serialize(event, current_user, invited)


@jobs.task(pass_context=True)
def notify_event_invited(context: JobContext, user_id: str, event_id: str) -> None:
    """Notify one participant."""
    with Session(context.additional_context["engine"]) as session:
        event = session.get_one(tables.Event, UUID(event_id))
        session.add(Notification(user_id=UUID(user_id), event_id=event.id, **tables.invite(event.title)))
        session.commit()


def make_app(database_url: str) -> FastAPI:
    """Make the application on that database."""
    queue = _make_queue(database_url)

    @asynccontextmanager
    async def open_queue(_app: FastAPI) -> AsyncIterator[None]:
        # Opened this way, and not by open_async, it can be used by routes that are plain functions.
        with queue.open():
            yield

    app = make_application(make_engine(database_url), lifespan=open_queue)
    app.include_router(router)
    return app


def run_worker(database_url: str) -> None:
    """Run a worker until SIGTERM."""
    _make_queue(database_url).run_worker(additional_context={"engine": make_engine(database_url)})


def _make_queue(database_url: str) -> App:
    queue = App(connector=PsycopgConnector(conninfo=database_url))
    queue.add_tasks_from(jobs, namespace="peers")
    return queue


def prepare(database_url: str) -> None:
    """Create procrastinate's tables, or empty existing ones."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if found != (None,):
            connection.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
            return
    with _make_queue(database_url).open() as queue:
        queue.schema_manager.apply_schema()


def workers_respond(database_url: str) -> bool:
    """Return whether a worker listens for jobs."""
    with psycopg.connect(database_url) as connection:
        listeners = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN %procrastinate%'"
        ).fetchone()
    return listeners is not None and listeners[0] > 0
