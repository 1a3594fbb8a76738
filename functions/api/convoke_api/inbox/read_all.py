"""Marks all notifications of a person as read, whatever their number.

One statement marks a bounded number of rows. For a person with more, a row of `read_marks` makes all that was
written before an instant count as read; the relay then updates the rows (docs/decisions/0050).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

#: Rows that are marked at once. A literal in the statements (ADR 0035).
_ROWS = 10_000

_UNREAD = """
user_id = :user_id AND read_at IS NULL AND written_at < coalesce(CAST(:before AS timestamptz), 'infinity')
"""

# Locked in key order, so that two of these statements cannot deadlock.
_MARK_ROWS = text(f"""
WITH unread AS MATERIALIZED (
    SELECT id FROM notifications
    WHERE {_UNREAD}
      AND written_at >= (SELECT coalesce(max(before), '-infinity') FROM read_marks WHERE user_id = :user_id)
    ORDER BY id LIMIT {_ROWS} FOR UPDATE
)
UPDATE notifications SET read_at = now()
FROM unread
WHERE notifications.user_id = :user_id AND notifications.id = unread.id
""")  # noqa: S608 - constants only

# A notification is written before it is committed. The mark ends before anything that running deliveries may
# still commit; committed notifications written after it are marked row by row.
_MARK_REST = text(f"""
WITH earlier AS MATERIALIZED (
    SELECT coalesce(max(before), '-infinity') AS before FROM read_marks WHERE user_id = :user_id
),
bound AS MATERIALIZED (
    SELECT greatest(earlier.before,
                    least(coalesce(CAST(:before AS timestamptz), 'infinity'),
                          now() - make_interval(secs => CAST(:settled_seconds AS float8)))) AS at
    FROM earlier
),
mark AS (
    INSERT INTO read_marks AS mark (user_id, before, read_at, next_step_at)
    SELECT :user_id, bound.at, now(), now() FROM bound
    ON CONFLICT (user_id) DO UPDATE
    SET before = greatest(mark.before, excluded.before), read_at = excluded.read_at, next_step_at = now()
),
covered AS MATERIALIZED (
    SELECT count(*) AS number FROM notifications
    WHERE {_UNREAD} AND written_at >= (SELECT before FROM earlier) AND written_at < (SELECT at FROM bound)
),
unread AS MATERIALIZED (
    SELECT id FROM notifications WHERE {_UNREAD} AND written_at >= (SELECT at FROM bound)
    ORDER BY id FOR UPDATE
),
marked AS (
    UPDATE notifications SET read_at = now()
    FROM unread
    WHERE notifications.user_id = :user_id AND notifications.id = unread.id
    RETURNING 1
)
SELECT covered.number + (SELECT count(*) FROM marked) FROM covered
""")  # noqa: S608 - constants only


def mark_all_read(
    connection: Connection, user_id: UUID, *, before: datetime | None, database_timeout_seconds: int
) -> int:
    """Mark unread notifications as read, all or those written before an instant; return their number.

    `before` is compared with `written_at`, not `created_at`: a notification that arrived late was not seen.
    """
    values: dict[str, Any] = {"user_id": user_id, "before": before}
    marked = connection.execute(_MARK_ROWS, values).rowcount
    if marked == _ROWS:
        # A delivery writes within one statement and then commits: each takes a database timeout at most.
        values["settled_seconds"] = 3 * database_timeout_seconds
        marked += connection.execute(_MARK_REST, values).scalar_one()
    return marked
