"""What routes ask for: a unit of work, the page wanted, the request's identity."""

from collections.abc import AsyncIterator
from typing import Annotated

from convoke.database.transactions import autocommit, transaction
from fastapi import Depends, Header, Query, Request

from convoke_api.idempotency.key import LONGEST_HEADER, IdempotentRequest, identify_request
from convoke_api.outbox.send import send_messages
from convoke_api.people.users import get_user
from convoke_api.services import Services
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.identity import Identity, read_identity
from convoke_api.web.pagination import PageRequest


def get_services(request: Request) -> Services:
    """The services of the application that serves this request."""
    services: Services = request.app.state.services
    return services


async def get_identity(request: Request) -> Identity:
    """Who is calling; raises NotAuthenticatedError without verified claims."""
    return read_identity(request.scope.get("aws.event", {}))


async def get_notify_ended(
    request: Request,
    notify_ended: Annotated[bool, Query(description="Whether people hear of what has ended.")] = True,
) -> None:
    """Keep the wish for the unit of work and for the request's identity."""
    request.state.notify_ended = notify_ended


#: In the `dependencies` of each route that changes an event.
NotifyEnded = Depends(get_notify_ended)


def wants_ended_notified(request: Request) -> bool:
    """What `notify_ended` says; true on routes that do not have it."""
    return bool(getattr(request.state, "notify_ended", True))


VerifiedIdentity = Annotated[Identity, Depends(get_identity)]


async def autocommit_work(request: Request, identity: VerifiedIdentity) -> AsyncIterator[UnitOfWork]:
    """A unit of work whose statements each commit by themselves. Doorbells ring before the answer leaves."""
    services = get_services(request)
    with autocommit(services.engine) as connection:
        work = UnitOfWork(
            connection,
            identity,
            services.settings,
            request.state.correlation_id,
            notify_ended=wants_ended_notified(request),
        )
        yield work
    send_messages(services, work.rows_to_send)


async def transaction_work(request: Request, identity: VerifiedIdentity) -> AsyncIterator[UnitOfWork]:
    """A unit of work that is one transaction. Doorbells ring after its commit, before the answer leaves."""
    services = get_services(request)
    # Apart from the transaction: a caller who is just being made must not be locked while an event is.
    with autocommit(services.engine) as connection:
        caller = get_user(connection, identity)
    with transaction(services.engine) as connection:
        work = UnitOfWork(
            connection,
            identity,
            services.settings,
            request.state.correlation_id,
            caller,
            wants_ended_notified(request),
        )
        yield work
    send_messages(services, work.rows_to_send)


#: For reads and for writes of one statement. `scope="function"`: it ends before the answer is sent.
Autocommit = Annotated[UnitOfWork, Depends(autocommit_work, scope="function")]
#: For everything else that writes.
Transaction = Annotated[UnitOfWork, Depends(transaction_work, scope="function")]


async def get_page_request(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of a page.")] = None,
) -> PageRequest:
    """How much of a list is asked for, and from where."""
    return PageRequest(limit, cursor)


PageWanted = Annotated[PageRequest, Depends(get_page_request)]


async def get_idempotent_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=LONGEST_HEADER, description="Makes a repeated request harmless; kept for 24 hours."
        ),
    ] = None,
) -> IdempotentRequest:
    """What makes this request the same as another one."""
    body = await request.body()
    # Who is notified is part of what is asked for.
    wish = b"" if wants_ended_notified(request) else b"notify_ended=false\n"
    return identify_request(request.method, request.url.path, idempotency_key, wish + body)


IdempotentPost = Annotated[IdempotentRequest, Depends(get_idempotent_request)]
