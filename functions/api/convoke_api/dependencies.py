"""Provides routes with a unit of work, the identity of the caller, page requests and idempotency."""

from collections.abc import AsyncIterator
from typing import Annotated

from convoke.database.transactions import autocommit, transaction
from convoke.domain import KEY_LIFETIME
from fastapi import Depends, Header, Query, Request

from convoke_api.idempotency.key import MAX_HEADER_LENGTH, IdempotentRequest, identify_request
from convoke_api.idempotency.stored_results import find_stored_result
from convoke_api.outbox.send import send_messages
from convoke_api.people.users import get_user
from convoke_api.services import Services
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.identity import Identity, read_identity
from convoke_api.web.pagination import PageRequest


def get_services(request: Request) -> Services:
    """Return the services of the application that serves this request."""
    services: Services = request.app.state.services
    return services


async def get_identity(request: Request) -> Identity:
    """Return the identity of the caller; raises NotAuthenticatedError without verified claims."""
    return read_identity(request.scope.get("aws.event", {}))


async def store_notify_ended(
    request: Request,
    notify_ended: Annotated[
        bool, Query(description="Whether a change of an event that has ended notifies anybody.")
    ] = True,
) -> None:
    """Store the parameter in the request, for the unit of work and for the idempotent request."""
    request.state.notify_ended = notify_ended


#: In the `dependencies` of each route that changes an event.
NotifyEnded = Depends(store_notify_ended)


def read_notify_ended(request: Request) -> bool:
    """Return the parameter `notify_ended`; true on routes that do not have it."""
    return bool(getattr(request.state, "notify_ended", True))


VerifiedIdentity = Annotated[Identity, Depends(get_identity)]


async def autocommit_work(request: Request, identity: VerifiedIdentity) -> AsyncIterator[UnitOfWork]:
    """Provide a unit of work in autocommit: each statement commits by itself.

    Messages are sent after the route has returned, before the response is.
    """
    services = get_services(request)
    with autocommit(services.engine) as connection:
        work = UnitOfWork(
            connection,
            identity,
            services.settings,
            request.state.correlation_id,
            notify_ended=read_notify_ended(request),
        )
        yield work
    send_messages(services, work.rows_to_send)


async def transaction_work(request: Request, identity: VerifiedIdentity) -> AsyncIterator[UnitOfWork]:
    """Provide a unit of work that is one transaction.

    Messages are sent after its commit, before the response is.
    """
    services = get_services(request)
    # Before the transaction, and committed: otherwise a caller who is inserted here would stay locked while
    # the event is.
    with autocommit(services.engine) as connection:
        caller = get_user(connection, identity)
    with transaction(services.engine) as connection:
        work = UnitOfWork(
            connection,
            identity,
            services.settings,
            request.state.correlation_id,
            caller,
            read_notify_ended(request),
        )
        yield work
    send_messages(services, work.rows_to_send)


#: For reads and for writes of one statement. `scope="function"`: it ends before the response is sent.
Autocommit = Annotated[UnitOfWork, Depends(autocommit_work, scope="function")]
#: For everything else that writes.
Transaction = Annotated[UnitOfWork, Depends(transaction_work, scope="function")]


async def get_page_request(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of a page.")] = None,
) -> PageRequest:
    """Return the size and the cursor of the requested page."""
    return PageRequest(limit, cursor)


PageWanted = Annotated[PageRequest, Depends(get_page_request)]


async def get_idempotent_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=MAX_HEADER_LENGTH,
            description=f"Makes a repeated request harmless; kept for {KEY_LIFETIME}.",
        ),
    ] = None,
) -> IdempotentRequest:
    """Return the key, scope and hash of this request."""
    body = await request.body()
    # With another `notify_ended` it is another request.
    parameter = b"" if read_notify_ended(request) else b"notify_ended=false\n"
    return identify_request(request.method, request.url.path, idempotency_key, parameter + body)


IdempotentPost = Annotated[IdempotentRequest, Depends(get_idempotent_request)]


async def find_result(work: Transaction, request: IdempotentPost) -> int | None:
    """Return the stored result of this request, and lock its key; None for a new request."""
    return find_stored_result(work.connection, work.caller.id, request)


#: Routes list this parameter before the event, since FastAPI resolves parameters in their order: a second
#: request with the key of one that holds the event's lock is refused, and does not wait for that lock.
StoredResult = Annotated[int | None, Depends(find_result, scope="function")]
