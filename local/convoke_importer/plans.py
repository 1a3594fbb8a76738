"""What one component asks for (RFC 5546), as values; `planning` reads them, `execution` carries them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from convoke_importer.people import Person
from convoke_importer.revisions import Revision


@dataclass(frozen=True, slots=True)
class Create:
    """The organizer's event is like this; `request` is the body of POST /v1/events.

    When the organizer has an event of that UID, `decisions` make an Update of it, or nothing.
    """

    component: str
    organizer: Person
    request: Mapping[str, Any]
    revision: Revision
    #: Whether its attendees are all there are: the others are no longer invited then.
    lists_everybody: bool = False
    #: Whether somebody delegates in it (RFC 5546, 3.2.2.3).
    delegates: bool = False
    #: What had to be assumed or left out.
    notes: tuple[str, ...] = field(default=())

    @property
    def uid(self) -> str:
        return str(self.request["uid"])


@dataclass(frozen=True, slots=True)
class Update:
    """The organizer changes an event, and who is invited to it."""

    component: str
    organizer: Person
    uid: str
    event_id: str
    #: The version of the event (as in its ETag) that the decision was made on.
    version: int
    #: The body of PATCH /v1/events/{event_id}.
    changes: Mapping[str, Any]
    added_emails: Sequence[str]
    removed_ids: Sequence[str]
    revision: Revision
    #: The event's `sequence` afterwards.
    event_sequence: int
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Cancel:
    """The organizer cancels the event, or with `removed_emails` only takes these people out of it."""

    component: str
    organizer: Person
    uid: str
    revision: Revision
    removed_emails: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reply:
    """An attendee answers the invitation to an event of the organizer.

    Where the organizer is not known it is the one event of that UID to which the attendee is invited.
    """

    component: str
    organizer: Person | None
    uid: str
    attendee: Person
    #: As in PATCH /v1/events/{event_id}/participants/me.
    response_status: str
    revision: Revision
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing is done. The reason begins with what kind it is: "not an event", "not yet supported",
    "not understood", "unknown event", "not invited", "obsolete", "already imported" or (by the API)
    "refused" or "failed".
    """

    uid: str | None
    component: str
    reason: str


type Plan = Create | Cancel | Reply | Skip
#: What became of a plan: what was done, or why nothing was.
type Outcome = Create | Update | Cancel | Reply | Skip
