"""Defines the requests and responses of /v1/me."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator

from convoke_api.web.fields import FullName, Locale, TimeZone
from convoke_api.web.schemas import InvalidPlaceError, RequestModel, ResponseModel


class Me(ResponseModel):
    """The caller."""

    id: UUID
    email: str | None
    full_name: str | None
    locale: str
    time_zone: str


class MeChange(RequestModel):
    """A change of the caller; absent fields stay as they are."""

    full_name: FullName | MISSING = MISSING
    locale: Locale | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING


class Preference(RequestModel):
    """Where notifications of one type appear."""

    in_app: Annotated[bool, Field(strict=True)] = True


class Preferences(RequestModel):
    """Preferences by type of notification; an absent type is received."""

    event_invited: Preference = Preference()
    event_updated: Preference = Preference()
    event_cancelled: Preference = Preference()
    event_reminder: Preference = Preference()
    participant_responded: Preference = Preference()
    participant_removed: Preference = Preference()

    @model_validator(mode="after")
    def _ensure_cancellation_not_muted(self) -> Self:
        if not self.event_cancelled.in_app:
            raise InvalidPlaceError("/event_cancelled/in_app", "cannot be muted")
        return self


class Block(ResponseModel):
    """A person whom the caller has blocked; `created_at` is the time of the block."""

    user_id: UUID
    created_at: datetime
