"""/v1/me: the caller."""

from fastapi import APIRouter

from convoke_api.bodies import StrictRoute
from convoke_api.dependencies import Autocommit, UnitOfWork
from convoke_api.openapi import problems
from convoke_api.schemas.me import Me, MeChange
from convoke_api.users import User, change_user

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=StrictRoute)


@router.get("", responses=problems())
async def read_me(work: Autocommit) -> Me:
    """Who the caller is, and in which language and zone they are told things."""
    return _make_me(work, work.caller)


@router.patch("", responses=problems(400, 415, 422))
async def change_me(body: MeChange, work: Autocommit) -> Me:
    """Change the name, the language or the zone; notifications from then on are written so."""
    return _make_me(work, change_user(work.connection, work.caller, body.model_dump()))


def _make_me(work: UnitOfWork, user: User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        locale=user.locale or work.settings.default_locale,
        time_zone=user.time_zone or work.settings.default_time_zone,
    )
