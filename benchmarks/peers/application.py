"""The peers' application without its notifications: engine, session, caller, and creation of an event.

The engine has the defaults that its users get: five connections and at most ten more, 30 seconds of waiting
for one, and a driver (pg8000) that leaves Nagle's algorithm on (see `nagle`). The session is a dependency
with `yield`: FastAPI closes it after the response, and after the background tasks too.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID, uuid4

from convoke.domain import ResponseStatus
from convoke_api.events.schemas import Event as EventRead
from convoke_api.events.schemas import EventCreate, Participant, ParticipantCounts, Person
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from sqlalchemy import Engine, Row, create_engine, make_url, select
from sqlalchemy.orm import Session
from starlette.types import Lifespan

from benchmarks.peers.tables import Event, EventParticipant, User

_SHOWN = 100

type Invited = Sequence[Row[UUID, str | None, str | None]]


def make_engine(database_url: str) -> Engine:
    """Make an engine with SQLAlchemy's and pg8000's defaults; it connects at first use."""
    return create_engine(make_url(database_url).set(drivername="postgresql+pg8000"))


def make_application(engine: Engine, *, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Make an application without routes on that engine."""
    app = FastAPI(lifespan=lifespan)
    app.state.engine = engine
    return app


def get_session(request: Request) -> Iterator[Session]:
    """Open a session for this request."""
    with Session(request.app.state.engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_current_user(session: SessionDep, x_user_id: Annotated[UUID, Header()]) -> User:
    """Look up the caller."""
    user = session.get(User, x_user_id)
    if user is None:
        raise HTTPException(401, "There is no such user.")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def create_event(session: Session, payload: EventCreate, organizer: User) -> tuple[Event, Invited]:
    """Save an event with its participants and commit; return it with the invited people."""
    invited = _find_people(session, payload.participant_ids)
    event = Event(
        **payload.model_dump(exclude={"participant_ids", "participant_emails", "time_zone", "uid"}),
        organizer_id=organizer.id,
        time_zone=payload.time_zone or organizer.time_zone or "UTC",
        uid=payload.uid or f"{uuid4()}@example.com",
    )
    session.add(event)
    session.flush()
    session.add_all(EventParticipant(event_id=event.id, user_id=person.id) for person in invited)
    session.commit()
    session.refresh(event)
    return event, invited


def _find_people(session: Session, ids: Sequence[UUID]) -> Invited:
    people = {
        person.id: person
        for person in session.execute(select(User.id, User.email, User.full_name).where(User.id.in_(ids)))
    }
    unknown = [str(id_) for id_ in ids if id_ not in people]
    if unknown:
        raise HTTPException(422, f"There are no such users: {', '.join(unknown)}.")
    return [people[id_] for id_ in ids]


def serialize(event: Event, organizer: User, invited: Invited) -> EventRead:
    """Return the response: the event, the number of participants, and the first hundred of them."""
    is_invited = any(person.id == organizer.id for person in invited)
    return EventRead.model_validate(
        {
            **{column.key: getattr(event, column.key) for column in Event.__table__.columns},
            "organizer": Person(id=organizer.id, full_name=organizer.full_name, email=organizer.email),
            "my_response_status": ResponseStatus.NEEDS_ACTION if is_invited else None,
            "participant_counts": ParticipantCounts(
                total=len(invited), needs_action=len(invited), accepted=0, declined=0, tentative=0
            ),
            "participants": [
                Participant(
                    user_id=person.id,
                    email=person.email,
                    full_name=person.full_name,
                    response_status=ResponseStatus.NEEDS_ACTION,
                )
                for person in invited[:_SHOWN]
            ],
        }
    )


def list_recipients(organizer: User, invited: Invited) -> list[UUID]:
    """Return the invited people without the caller."""
    return [person.id for person in invited if person.id != organizer.id]
