"""The event that a path names, locked while FastAPI resolves dependencies: before it validates the body.

A request of somebody who may not change the event costs no more than that, whatever its body holds, and its
response is the same whether there is such an event or not.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import RowMapping

from convoke_api.dependencies import IdempotentPost, Transaction
from convoke_api.events.locks import lock_event, lock_organized_event
from convoke_api.idempotency.stored_results import find_stored_result


async def get_event_of_caller(event_id: UUID, work: Transaction) -> RowMapping:
    """Locks the event; raises NotFoundError for a stranger."""
    return lock_event(work.connection, work.caller.id, event_id)


async def get_organized_event(event_id: UUID, work: Transaction) -> RowMapping:
    """Locks the event; raises NotFoundError for a stranger, ForbiddenError for a participant."""
    return lock_organized_event(work.connection, work.caller.id, event_id)


async def get_earlier_result(work: Transaction, request: IdempotentPost) -> int | None:
    """Returns what the same request has changed before; None when this is the first."""
    return find_stored_result(work.connection, work.caller.id, request)


#: Stands before the event among a route's parameters, which is their order: a second request with the key of
#: one that has locked the event is refused, and does not wait for it.
EarlierResult = Annotated[int | None, Depends(get_earlier_result, scope="function")]


EventOfCaller = Annotated[RowMapping, Depends(get_event_of_caller, scope="function")]
OrganizedEvent = Annotated[RowMapping, Depends(get_organized_event, scope="function")]
