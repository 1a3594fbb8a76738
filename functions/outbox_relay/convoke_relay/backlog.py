"""Counts the pending and the failed outbox rows."""

from dataclasses import dataclass

from convoke.outbox import PENDING
from sqlalchemy import Connection, text

from convoke_relay.backoff import LONGEST_BACKOFF_SECONDS

# A due row has its next attempt within the longest backoff. The bound keeps the reminders of the coming
# weeks, which are pending but not due, out of the range of the index that is read.
_COUNT_BACKLOG = text(
    f"""
SELECT count(*), coalesce(CAST(extract(epoch FROM now() - min(due_at)) AS float8), 0),
       (SELECT count(*) FROM outbox
        WHERE failed_at IS NOT NULL AND delivered_at IS NULL AND cancelled_at IS NULL)
FROM outbox
WHERE {PENDING} AND due_at <= now() AND next_attempt_at <= now() + make_interval(secs => :longest_backoff)
"""  # noqa: S608 - constants only
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """The backlog. `pending`: due and undelivered, without the failed rows, which wait for an operator."""

    pending: int
    oldest_age_seconds: float
    failed: int


def count_backlog(connection: Connection) -> Backlog:
    """Count the backlog, by the database's clock."""
    row = connection.execute(_COUNT_BACKLOG, {"longest_backoff": LONGEST_BACKOFF_SECONDS}).one()
    return Backlog(*row)
