"""Creates an event: runs the creating statement and acts on its outcome."""

import json
from dataclasses import dataclass
from typing import Any

from convoke.database.sqlstates import constraint_name
from convoke.errors import (
    ConflictError,
    DatabaseUnavailableError,
    Problem,
    UnacceptableError,
)
from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from convoke_api.events.create_statement import CREATE_EVENT
from convoke_api.events.queries import get_event, make_event
from convoke_api.events.schemas import Event, EventCreate, ensure_span
from convoke_api.idempotency.key import IdempotentRequest
from convoke_api.idempotency.stored_results import key_in_progress_error, key_reused_error
from convoke_api.outbox.quotas import is_refusal, quota_error
from convoke_api.outbox.statements import outbox_parameters, read_rows_to_send
from convoke_api.people.statements import ensure_participant_limit, people_parameters, unknown_ids_error
from convoke_api.people.users import get_user, provision
from convoke_api.unit_of_work import UnitOfWork
from convoke_api.web.schemas import InvalidPlaceError

#: Provisioning, which can lose some races (people/users.py), and a race for the key each cost one more run.
_TRIES = 6


@dataclass(frozen=True, slots=True)
class CreatedEvent:
    """The event that a request created, now or when it was first sent (`replayed`)."""

    event: Event
    replayed: bool


def create_event(work: UnitOfWork, body: EventCreate, request: IdempotentRequest) -> CreatedEvent:
    """Create the event with its participants and outbox rows, or find the one that the same request created.

    Raises UnacceptableError, ConflictError or QuotaExceededError; then nothing was written but users.
    """
    ensure_participant_limit(body.participant_ids, body.participant_emails, work.settings.max_participants)
    error = _find_all_day_error(work, body)
    parameters = {
        "request": json.dumps({**_describe_request(work, body, request), "refused": error is not None}),
        **people_parameters(body.participant_ids, body.participant_emails),
    }
    for _ in range(_TRIES):
        row = _run(work.connection, parameters)
        match row["outcome"]:
            case "created":
                work.rows_to_send.extend(read_rows_to_send(row["rows_to_send"]))
                return CreatedEvent(make_event(row), replayed=False)
            case "replay":
                event = get_event(work.connection, work.caller.id, row["resource_id"])
                return CreatedEvent(event, replayed=True)
            case "no_user":
                provision(work.connection, work.identity)
            case "raced":
                continue
            case "refused" if error:
                raise error
            case outcome:
                raise _outcome_error(work, outcome, row, parameters)
    # A void token inserts no user: then this raises NotAuthenticatedError.
    get_user(work.connection, work.identity)
    raise DatabaseUnavailableError("creating the event failed: other requests used its key or its addresses")


def _find_all_day_error(work: UnitOfWork, body: EventCreate) -> UnacceptableError | None:
    # Depends on the caller's zone, which can change: so a replay comes before it.
    if body.all_day and body.time_zone is None:
        zone = work.caller.time_zone or work.settings.default_time_zone
        try:
            ensure_span(body.starts_at, body.ends_at, body.all_day, zone)
        except InvalidPlaceError as error:
            return UnacceptableError("The event is not all-day.", [Problem(error.place, str(error))])
    return None


def _describe_request(work: UnitOfWork, body: EventCreate, request: IdempotentRequest) -> dict[str, Any]:
    settings = work.settings
    return {
        **body.model_dump(mode="json", exclude={"participant_ids", "participant_emails"}),
        "subject_hash": work.identity.subject_hash,
        "issued_at": work.identity.issued_at.isoformat(),
        "email": work.identity.email,
        "verified_email_key": work.identity.verified_email_key,
        **outbox_parameters(work),
        "scope": request.scope,
        "key": request.key,
        "request_hash": request.request_hash,
        "default_time_zone": settings.default_time_zone,
        "create_quota": settings.create_quota,
        "create_quota_seconds": settings.create_quota_seconds,
    }


def _run(connection: Connection, parameters: dict[str, Any]) -> RowMapping:
    try:
        return connection.execute(CREATE_EVENT, parameters).mappings().one()
    except IntegrityError as error:
        # Two requests with one uid at the same time: the statement's own check found neither.
        if constraint_name(error) == "uq_events_organizer_id_uid":
            raise _uid_taken_error() from error
        raise


def _outcome_error(work: UnitOfWork, outcome: str, row: RowMapping, parameters: dict[str, Any]) -> Exception:
    match outcome:
        case "key_reused":
            return key_reused_error()
        case "in_progress":
            return key_in_progress_error()
        case "uid_taken":
            return _uid_taken_error()
        case "unknown_ids":
            return unknown_ids_error(work.connection, parameters)
        case refusal if is_refusal(refusal):
            return quota_error(refusal, row["retry_after_seconds"], work.settings)
    return AssertionError(f"the statement returned an unknown outcome: {outcome}")


def _uid_taken_error() -> ConflictError:
    return ConflictError("The caller already organizes an event with this uid.")
