"""Meetings are scheduled here: one statement that decides, and what follows from its outcome."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from convoke.database import constraint_name
from convoke.errors import (
    ConflictError,
    DatabaseUnavailableError,
    Problem,
    QuotaExceededError,
    UnacceptableError,
)
from convoke.outbox import LONGEST_DELAY_SECONDS, OutboxRow
from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.exc import IntegrityError

from convoke_api.dependencies import UnitOfWork
from convoke_api.event_reads import get_event, make_event
from convoke_api.fields import email_key
from convoke_api.idempotency import IdempotentRequest
from convoke_api.schedule_statement import SCHEDULE
from convoke_api.schemas.base import RefusedPlaceError
from convoke_api.schemas.events import Event, EventCreate, check_midnights
from convoke_api.users import provision

#: Provisioning and a race for the key each cost one more run of the statement.
_TRIES = 4

_UNKNOWN_IDS = text("""
SELECT wanted.place - 1 AS index
FROM unnest(CAST(:participant_ids AS uuid[])) WITH ORDINALITY AS wanted (id, place)
WHERE NOT EXISTS (SELECT FROM users WHERE users.id = wanted.id AND users.erased_at IS NULL)
ORDER BY wanted.place
""")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The event that a request made, now or when it was first sent."""

    event: Event
    replayed: bool


def schedule(work: UnitOfWork, body: EventCreate, request: IdempotentRequest) -> Scheduled:
    """Create the event with its participants and outbox rows, or find what the same request has made.

    Raises UnacceptableError, ConflictError or QuotaExceededError; then nothing was written but users.
    """
    _check_limits(work, body)
    parameters = {
        "request": json.dumps(_describe_request(work, body, request)),
        "participant_ids": "{" + ",".join(map(str, body.participant_ids)) + "}",
        "email_keys": json.dumps([email_key(email) for email in body.participant_emails]),
    }
    for _ in range(_TRIES):
        row = _run(work.connection, parameters)
        match row["outcome"]:
            case "created":
                work.doorbells.extend(_read_doorbells(row))
                return Scheduled(make_event(row), replayed=False)
            case "replay":
                event = get_event(work.connection, work.caller.id, row["resource_id"])
                return Scheduled(event, replayed=True)
            case "no_user" | "unknown_emails":
                provision(work.connection, work.identity, body.participant_emails)
            case "raced":
                continue
            case refusal:
                raise _make_refusal(refusal, row, work.connection, parameters)
    raise DatabaseUnavailableError("the event could not be scheduled for other requests' sake")


def _check_limits(work: UnitOfWork, body: EventCreate) -> None:
    named = len(body.participant_ids) + len(body.participant_emails)
    if named > work.settings.max_participants:
        limit = f"An event has at most {work.settings.max_participants} participants."
        place = "/participant_ids" if body.participant_ids else "/participant_emails"
        raise UnacceptableError(limit, [Problem(place, limit)])
    if body.all_day and body.time_zone is None:
        zone = work.caller.time_zone or work.settings.default_time_zone
        try:
            check_midnights(body.starts_at, body.ends_at, zone)
        except RefusedPlaceError as error:
            raise UnacceptableError(
                "The event is not all-day.", [Problem(error.place, str(error))]
            ) from error


def _describe_request(work: UnitOfWork, body: EventCreate, request: IdempotentRequest) -> dict[str, Any]:
    settings = work.settings
    return {
        **body.model_dump(mode="json", exclude={"participant_ids", "participant_emails"}),
        "subject_hash": work.identity.subject_hash,
        "correlation_id": work.correlation_id,
        "scope": request.scope,
        "key": request.key,
        "request_hash": request.request_hash,
        "default_time_zone": settings.default_time_zone,
        "create_quota": settings.create_quota,
        "create_quota_seconds": settings.create_quota_seconds,
        "recipients_per_row": settings.recipients_per_row,
        "first_retry_seconds": settings.first_retry_seconds,
        "longest_delay_seconds": LONGEST_DELAY_SECONDS,
    }


def _run(connection: Connection, parameters: dict[str, str]) -> RowMapping:
    try:
        return connection.execute(SCHEDULE, parameters).mappings().one()
    except IntegrityError as error:
        # Two requests with one uid at once: the statement's own check saw neither.
        if constraint_name(error) == "uq_events_organizer_id_uid":
            raise _uid_taken() from error
        raise


def _read_doorbells(row: RowMapping) -> list[OutboxRow]:
    return [
        OutboxRow(
            id=UUID(doorbell["id"]),
            event_id=UUID(doorbell["event_id"]),
            type=doorbell["type"],
            correlation_id=doorbell["correlation_id"],
            delay_seconds=doorbell["delay_seconds"],
        )
        for doorbell in row["doorbells"]
    ]


def _make_refusal(
    outcome: str, row: RowMapping, connection: Connection, parameters: dict[str, str]
) -> Exception:
    match outcome:
        case "key_reused":
            return UnacceptableError("This Idempotency-Key was used for another request.")
        case "in_progress":
            return ConflictError(
                "A request with this Idempotency-Key is being worked on; repeat this one later."
            )
        case "uid_taken":
            return _uid_taken()
        case "quota":
            return QuotaExceededError(row["retry_after_seconds"])
        case "unknown_ids":
            unknown = connection.execute(_UNKNOWN_IDS, {"participant_ids": parameters["participant_ids"]})
            return UnacceptableError(
                "Some participant_ids name nobody.",
                [Problem(f"/participant_ids/{index}", "names nobody") for index in unknown.scalars()],
            )
    return AssertionError(f"the statement returned an unknown outcome: {outcome}")


def _uid_taken() -> ConflictError:
    return ConflictError("The caller already organises an event with this uid.")
