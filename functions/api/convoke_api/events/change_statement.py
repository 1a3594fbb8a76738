"""Builds and runs the statements that change a locked event and notify people of that.

A statement is made of these CTEs, in this order:
  request      one row: `event_id`, `request_columns` and the parameters of the outbox
  …            `effect`: the rows that this change inserts, updates or deletes
  event        the event after the change, with its new `updated_at`; no row when `effect` has changed nothing
  change       the notification's type, time and payload
  recipients   the ids of the people to notify
  act, charge  the charge to the actor's quotas
  outbox_rows  the rows for the recipients
  …            `consequences`: rows that depend on the event after the change
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from convoke.notifications import NotificationType
from sqlalchemy import RowMapping, TextClause, text

from convoke_api.outbox.quotas import CHARGE_RECIPIENTS, REFUSAL
from convoke_api.outbox.statements import (
    INSERT_OUTBOX_ROWS,
    finish_change,
    outbox_parameters,
    request_record,
    rows_to_send,
)
from convoke_api.unit_of_work import UnitOfWork


def make_change_statement(
    type_: NotificationType,
    *,
    request_columns: str,
    effect: str,
    changed: str | None,
    assignments: str = "",
    payload: str,
    payload_source: str = "event",
    recipients: str,
    charge: str = CHARGE_RECIPIENTS,
    consequences: str = "",
    sent: tuple[str, ...] = ("outbox_rows",),
    result: str = "",
) -> TextClause:
    """Make the statement of a change; the parameters are pieces of SQL.

    changed         the CTE of `effect` that has rows if anything has changed; None if a change is certain
    assignments     columns of the event that change, for SET
    payload         the payload besides the event, as arguments of jsonb_build_object
    payload_source  the FROM clause for `payload`
    sent            the CTEs with outbox rows whose messages are sent at once
    result          further columns of the result
    """
    change = f"""
event AS (
    UPDATE events
    SET {_comma(assignments)}
        updated_at = greatest(clock_timestamp(), events.updated_at + interval '1 microsecond')
    FROM request
    WHERE events.id = request.event_id {f"AND EXISTS (SELECT FROM {changed})" if changed else ""}
    RETURNING events.*
),
change AS (
    SELECT '{type_}' AS type, event.updated_at AS at, jsonb_build_object({payload}) AS payload
    FROM {payload_source}
),
recipients AS ({recipients})"""  # noqa: S608 - pieces of our statements
    pieces = (
        request_record(f"event_id uuid, {request_columns}"),
        effect,
        change,
        charge,
        INSERT_OUTBOX_ROWS,
        consequences,
    )
    return text(f"""
WITH {",".join(filter(None, pieces))}
SELECT {_comma(result)} {rows_to_send(*sent)} AS rows_to_send, {REFUSAL}
""")


def run_change(
    work: UnitOfWork,
    statement: TextClause,
    event_id: UUID,
    values: Mapping[str, Any],
    *,
    previous_ends_at: datetime | None = None,
    people: Mapping[str, Any] | None = None,
) -> RowMapping:
    """Run the statement of a change and return its result; `values` are those of its `request_columns`.

    Raises QuotaExceededError for a change that exceeds a quota of the caller: it must be rolled back.
    """
    request = {
        **outbox_parameters(work, previous_ends_at=previous_ends_at),
        "event_id": str(event_id),
        **values,
    }
    parameters = {"request": json.dumps(request), **(people or {})}
    row = work.connection.execute(statement, parameters).mappings().one()
    finish_change(work, row)
    return row


def _comma(piece: str) -> str:
    return f"{piece}," if piece else ""
