"""The tables as a peer's application maps them: Convoke's for events, and its own for notifications."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Integer, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column


class Base(DeclarativeBase):
    """All instants are timestamptz, all strings text."""

    type_annotation_map = {datetime: DateTime(timezone=True), str: Text}  # noqa: RUF012 - SQLAlchemy's name


class User(Base):
    """A person who calls, or is invited."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    full_name: Mapped[str | None]
    time_zone: Mapped[str | None]


class Event(Base):
    """An event."""

    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organizer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    description: Mapped[str | None]
    location: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    all_day: Mapped[bool]
    time_zone: Mapped[str]
    uid: Mapped[str]
    sequence: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="confirmed")
    reminder_minutes: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class EventParticipant(Base):
    """A person's participation in an event."""

    __tablename__ = "event_participants"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    # A default of the server is read back, so the ORM inserts a thousand rows in one statement. With a
    # default of the ORM, pg8000 would send a statement for each row.
    response_status: Mapped[str] = mapped_column(server_default="needs_action")
    invited_address: Mapped[str | None]


class Notification:
    """The columns of a table of notifications; each peer has a table of its own, made by `starting`.

    So the late notifications of one peer are never counted as another's.
    """

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    is_read: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr
    def user_id(cls) -> Mapped[UUID]:  # noqa: N805 - declared_attr makes it a class method
        """The recipient."""
        return mapped_column(ForeignKey("users.id"), index=True)

    @declared_attr
    def event_id(cls) -> Mapped[UUID]:  # noqa: N805
        """The event."""
        return mapped_column(ForeignKey("events.id"))


def invite(event_title: str) -> dict[str, str]:
    """Return the type and texts of an invitation."""
    return {
        "type": "event_invited",
        "title": "Приглашение на встречу",
        "body": f"Вас пригласили на встречу «{event_title}»",
    }
