"""What became of an event's notifications: the delivery trail that the outbox keeps."""

from uuid import UUID

from sqlalchemy import Connection, text

from convoke_api.schemas.events import Deliveries, Delivery

# A wave is what one fact owes to its people: rows of one type that were written in one transaction, a
# reminder apart from the others by when it is due. Its recipients are those that it would have now; once
# delivered, those that it had.
_LIST_DELIVERIES = text("""
WITH parts AS (
    SELECT type, created_at, delivered_at, failed_at, written, muted,
           CASE WHEN type = 'event_reminder' THEN due_at END AS due_at,
           CASE WHEN delivered_at IS NOT NULL THEN written + muted
                WHEN recipient_ids IS NOT NULL THEN cardinality(recipient_ids)
                ELSE (SELECT count(*)
                      FROM (SELECT organizer_id FROM events WHERE id = :event_id
                            UNION
                            SELECT user_id FROM event_participants
                            WHERE event_id = :event_id AND response_status <> 'declined') AS reminded (id)
                      JOIN users USING (id) WHERE users.erased_at IS NULL)
           END AS size
    FROM outbox
    WHERE event_id = :event_id AND cancelled_at IS NULL
)
SELECT type, created_at, due_at,
       CASE WHEN bool_and(delivered_at IS NOT NULL) THEN max(delivered_at) END AS delivered_at,
       sum(size) AS recipients,
       coalesce(sum(written) FILTER (WHERE delivered_at IS NOT NULL), 0) AS delivered,
       coalesce(sum(muted) FILTER (WHERE delivered_at IS NOT NULL), 0) AS muted,
       coalesce(sum(size) FILTER (WHERE delivered_at IS NULL AND failed_at IS NULL), 0) AS pending,
       coalesce(sum(size) FILTER (WHERE delivered_at IS NULL AND failed_at IS NOT NULL), 0) AS failed
FROM parts
GROUP BY type, created_at, due_at
ORDER BY created_at, due_at NULLS FIRST, type
""")


def list_deliveries(connection: Connection, event_id: UUID) -> Deliveries:
    """One item for each wave of the event's notifications, in the order of the facts."""
    rows = connection.execute(_LIST_DELIVERIES, {"event_id": event_id})
    return Deliveries(items=[Delivery.model_validate(row) for row in rows])
