"""Define the plans of components (RFC 5546); `planning` makes them, `execution` carries them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from convoke_importer.people import Person
from convoke_importer.revisions import Revision


@dataclass(frozen=True, slots=True)
class Create:
    """Create an event of the organizer; `request` is the body of POST /v1/events.

    When the organizer has an event of that UID, `decisions` make a Revise or Skip of it.
    """

    component: str
    organizer: Person
    request: Mapping[str, Any]
    revision: Revision
    #: Whether its attendees are complete: other participants are removed then.
    lists_everybody: bool = False
    #: Whether it contains a delegation (RFC 5546, 3.2.2.3).
    delegates: bool = False
    #: Assumptions and omissions.
    notes: tuple[str, ...] = field(default=())

    @property
    def uid(self) -> str:
        """Return the UID of the request."""
        return str(self.request["uid"])


@dataclass(frozen=True, slots=True)
class Revise:
    """Change an event of the organizer, and its participants, as a later revision has them."""

    component: str
    organizer: Person
    uid: str
    event_id: str
    #: The version of the event (as in its ETag) that the decision is based on.
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
    """Cancel an event of the organizer, or with `removed_emails` only remove these people from it."""

    component: str
    organizer: Person
    uid: str
    revision: Revision
    removed_emails: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reply:
    """Respond to the invitation to an event of the organizer, as an attendee.

    With an unknown organizer it is the one event of that UID to which the attendee is invited.
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
    """Do nothing. The reason begins with its kind: "not an event", "not yet supported",
    "not understood", "unknown event", "not invited", "obsolete", "already imported" or (by the API)
    "refused" or "failed".
    """

    uid: str | None
    component: str
    reason: str


type Plan = Create | Cancel | Reply | Skip
#: The outcome of a plan: the change, or the reason for none.
type Outcome = Create | Revise | Cancel | Reply | Skip
