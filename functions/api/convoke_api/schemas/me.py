"""The caller, as requests and responses hold them."""

from uuid import UUID

from pydantic import MISSING

from convoke_api.fields import (
    FullName,
    Locale,
    TimeZone,
)
from convoke_api.schemas.base import RequestModel, ResponseModel


class Me(ResponseModel):
    """The caller."""

    id: UUID
    email: str | None
    full_name: str | None
    locale: str
    time_zone: str


class MeChange(RequestModel):
    """What the caller may change of themselves; what is absent stays."""

    full_name: FullName | MISSING = MISSING
    locale: Locale | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING
