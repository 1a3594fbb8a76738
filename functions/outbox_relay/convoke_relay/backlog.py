"""What the outbox owes, in numbers."""

from dataclasses import dataclass

from convoke.outbox import PENDING
from sqlalchemy import Connection, text

from convoke_relay.backoff import LONGEST_BACKOFF_SECONDS

# What is due has its next attempt within the longest backoff. The bound keeps all the reminders of the
# coming weeks, which are owed but not due, out of the range of the index that is read.
_MEASURE = text(
    f"""
SELECT count(*), coalesce(CAST(extract(epoch FROM now() - min(due_at)) AS float8), 0),
       (SELECT count(*) FROM outbox
        WHERE failed_at IS NOT NULL AND delivered_at IS NULL AND cancelled_at IS NULL)
FROM outbox
WHERE {PENDING} AND due_at <= now() AND next_attempt_at <= now() + make_interval(secs => :longest_backoff)
"""  # noqa: S608 - a constant of ours
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """`pending`: due and undelivered, without the failed ones, which wait for a person."""

    pending: int
    oldest_age_seconds: float
    failed: int


def measure(connection: Connection) -> Backlog:
    """The backlog by the database's clock."""
    row = connection.execute(_MEASURE, {"longest_backoff": LONGEST_BACKOFF_SECONDS}).one()
    return Backlog(*row)
