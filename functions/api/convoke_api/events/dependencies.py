"""Locks the event that a path names while FastAPI resolves dependencies: before it validates the body.

A request of a person who may not change the event costs no more than that, whatever its body holds, and its
response is the same whether there is such an event or not.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import RowMapping

from convoke_api.dependencies import Transaction
from convoke_api.events.locks import lock_event, lock_organized_event


async def get_event_of_caller(event_id: UUID, work: Transaction) -> RowMapping:
    """Lock the event; raises NotFoundError for a caller who neither organizes it nor takes part."""
    return lock_event(work.connection, work.caller.id, event_id)


async def get_organized_event(event_id: UUID, work: Transaction) -> RowMapping:
    """Lock the event as `get_event_of_caller` does; raises ForbiddenError for a participant."""
    return lock_organized_event(work.connection, work.caller.id, event_id)


EventOfCaller = Annotated[RowMapping, Depends(get_event_of_caller, scope="function")]
OrganizedEvent = Annotated[RowMapping, Depends(get_organized_event, scope="function")]
