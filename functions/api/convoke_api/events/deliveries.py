"""Lists the deliveries of an event: its outbox rows, wave by wave."""

from typing import Any, Literal
from uuid import UUID

from convoke.notifications import NotificationType
from convoke.outbox import select_reminded
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from convoke_api.events.schemas import Delivery
from convoke_api.web.fields import Instant
from convoke_api.web.pagination import PageRequest, cut_page, decode_cursor
from convoke_api.web.schemas import Page

# A wave is all outbox rows of one change: rows of one type that were written in one transaction, a reminder
# apart from the others by when it is due. Its recipients are those that it would have now; once delivered,
# those that it had.
#
# `changes` steps down the index from one time to the one before it, so a page reads the rows of its own
# waves, however many the event has, whatever the statistics say: each time has at least one wave.
_LIST_DELIVERIES = f"""
WITH RECURSIVE changes AS (
    (SELECT created_at FROM outbox
     WHERE event_id = :event_id AND cancelled_at IS NULL AND created_at <= :newest
     ORDER BY created_at DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT outbox.created_at FROM outbox
            WHERE event_id = :event_id AND cancelled_at IS NULL AND outbox.created_at < changes.created_at
            ORDER BY outbox.created_at DESC LIMIT 1)
    FROM changes WHERE changes.created_at IS NOT NULL
), reminded AS MATERIALIZED (
    SELECT count(*) AS number
    FROM ({select_reminded(":event_id")}) AS reminded (id)
    JOIN users USING (id) WHERE users.erased_at IS NULL
), waves AS (
    SELECT part.type, part.created_at, part.due_at,
           CASE WHEN bool_and(part.delivered_at IS NOT NULL) THEN max(part.delivered_at) END AS delivered_at,
           sum(part.size) AS recipients,
           coalesce(sum(part.size) FILTER (WHERE part.delivered_at IS NOT NULL), 0) AS delivered,
           coalesce(sum(part.size) FILTER (WHERE part.delivered_at IS NULL AND part.failed_at IS NULL), 0)
               AS pending,
           coalesce(sum(part.size) FILTER (WHERE part.delivered_at IS NULL AND part.failed_at IS NOT NULL), 0)
               AS failed
    FROM (SELECT created_at FROM changes WHERE created_at IS NOT NULL LIMIT :rows + 1) AS change
    CROSS JOIN LATERAL (
        SELECT type, outbox.created_at, delivered_at, failed_at,
               CASE WHEN type = 'event_reminder' THEN due_at END AS due_at,
               CASE WHEN delivered_at IS NOT NULL THEN written + muted
                    WHEN recipient_ids IS NOT NULL THEN cardinality(recipient_ids)
                    ELSE (SELECT number FROM reminded) END AS size
        FROM outbox
        WHERE event_id = :event_id AND cancelled_at IS NULL AND outbox.created_at = change.created_at
        OFFSET 0
    ) AS part
    GROUP BY part.type, part.created_at, part.due_at
)
SELECT * FROM waves
{{condition}}
ORDER BY created_at DESC, due_at DESC NULLS LAST, type DESC LIMIT :rows
"""  # noqa: S608 - constants only

_AFTER = """
WHERE (created_at, coalesce(due_at, '-infinity'), type)
      < (CAST(:newest AS timestamptz), coalesce(CAST(:due_at AS timestamptz), '-infinity'), :type)
"""

#: The due time is empty for other types than reminders.
_KEYS = TypeAdapter(tuple[Literal["deliveries"], Instant, Instant | Literal[""], NotificationType])


def list_deliveries(connection: Connection, event_id: UUID, page: PageRequest) -> Page[Delivery]:
    """Return a page of the event's waves, newest first; those of one change by due time, then by type."""
    values: dict[str, Any] = {"event_id": event_id, "rows": page.limit + 1, "newest": "infinity"}
    condition = ""
    after = decode_cursor(page.cursor, _KEYS)
    if after is not None:
        condition = _AFTER
        _, values["newest"], due_at, type_ = after
        values |= {"due_at": due_at or None, "type": type_.value}
    rows = connection.execute(text(_LIST_DELIVERIES.format(condition=condition)), values).all()
    items, next_cursor = cut_page(
        rows,
        page.limit,
        key=lambda row: (
            "deliveries",
            row.created_at.isoformat(),
            row.due_at.isoformat() if row.due_at else "",
            row.type,
        ),
        make=Delivery.model_validate,
        count_text=lambda _: 0,
    )
    return Page(items=items, next_cursor=next_cursor)
