"""Defines the requests and responses of /v1/me."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

from convoke.notifications import NotificationType
from pydantic import MISSING, Field, create_model, model_validator

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


if TYPE_CHECKING:
    _PreferenceForEachType = RequestModel
else:
    _PreferenceForEachType = create_model(
        "_PreferenceForEachType",
        __base__=RequestModel,
        **{type_.value: (Preference, Preference()) for type_ in NotificationType},
    )


class Preferences(_PreferenceForEachType):
    """Preferences by type of notification; an absent type is received."""

    @model_validator(mode="after")
    def _ensure_mutable(self) -> Self:
        for type_ in NotificationType:
            if not type_.may_be_muted and not getattr(self, type_).in_app:
                raise InvalidPlaceError(f"/{type_}/in_app", "cannot be muted")
        return self


class Block(ResponseModel):
    """A person whom the caller has blocked; `created_at` is the time of the block."""

    user_id: UUID
    created_at: datetime
