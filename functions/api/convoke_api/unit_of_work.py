"""Holds a request's connection to the database, its caller, and the outbox rows to send after the commit."""

from dataclasses import dataclass, field
from functools import cached_property

from convoke.outbox import OutboxRow
from sqlalchemy import Connection

from convoke_api.people.users import User, get_user
from convoke_api.settings import ApiSettings
from convoke_api.web.identity import Identity


@dataclass
class UnitOfWork:
    """A request's connection, caller and settings; messages for `rows_to_send` are sent after the commit."""

    connection: Connection
    identity: Identity
    settings: ApiSettings
    correlation_id: str
    known_caller: User | None = None
    #: Whether changes of an event that has ended notify anybody.
    notify_ended: bool = True
    rows_to_send: list[OutboxRow] = field(default_factory=list)

    @cached_property
    def caller(self) -> User:
        """Return the caller; a new caller is inserted."""
        return self.known_caller or get_user(self.connection, self.identity)
