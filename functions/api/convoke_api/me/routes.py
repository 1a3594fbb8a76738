"""Routes of /v1/me: the caller, preferences and blocks."""

from uuid import UUID

from convoke.notifications import NotificationType
from fastapi import APIRouter

from convoke_api.dependencies import Autocommit, PageWanted, Transaction
from convoke_api.me.blocks import block_person, list_blocks, unblock_person
from convoke_api.me.erasure import erase_person
from convoke_api.me.schemas import Block, Me, MeChange, Preferences
from convoke_api.people.users import User, get_muted_types, set_muted_types, update_user
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.schemas import Page
from convoke_api.web.strict_json import StrictRoute

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=StrictRoute)


@router.get("", operation_id="get_me")
async def read_me(work: Autocommit) -> Me:
    """Return the caller, with the language and time zone of their notifications."""
    return _make_me(work, work.caller)


@router.patch("", operation_id="update_me")
async def patch_me(body: MeChange, work: Autocommit) -> Me:
    """Change name, language or time zone; they apply to later notifications."""
    return _make_me(work, update_user(work.connection, work.caller, body.model_dump()))


@router.delete("", status_code=204, operation_id="erase_me")
async def delete_me(work: Transaction) -> None:
    """Erase the caller: personal data is gone at once, their future events are cancelled."""
    erase_person(work)


@router.get("/preferences", operation_id="get_preferences")
async def read_preferences(work: Autocommit) -> Preferences:
    """Return the types of notification that the caller receives."""
    return _make_preferences(get_muted_types(work.connection, work.caller))


@router.put("/preferences", operation_id="replace_preferences")
async def put_preferences(body: Preferences, work: Autocommit) -> Preferences:
    """Set the types of notification that the caller receives; an absent type is received."""
    muted = {type_ for type_ in NotificationType if not getattr(body, type_).in_app}
    set_muted_types(work.connection, work.caller, muted)
    return body


@router.get("/blocks", operation_id="list_blocks")
async def read_blocks(work: Autocommit, page: PageWanted) -> Page[Block]:
    """Return the people whom the caller has blocked."""
    return list_blocks(work.connection, work.caller.id, page)


@router.put("/blocks/{user_id}", status_code=204, operation_id="block_person")
async def put_block(user_id: UUID, work: Transaction) -> None:
    """Block a person: no notification of their acts is written for the caller."""
    block_person(work, user_id)


@router.delete("/blocks/{user_id}", status_code=204, operation_id="unblock_person")
async def delete_block(user_id: UUID, work: Autocommit) -> None:
    """Remove a block."""
    unblock_person(work.connection, work.caller.id, user_id)


def _make_preferences(muted: set[str]) -> Preferences:
    return Preferences.model_validate({type_: {"in_app": False} for type_ in muted})


def _make_me(work: UnitOfWork, user: User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        locale=user.locale or work.settings.default_locale,
        time_zone=user.time_zone or work.settings.default_time_zone,
    )
