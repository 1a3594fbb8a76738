"""Claims outbox rows to send: selects, locks and postpones them in one transaction.

The caller commits it before anything is sent. A row counts as never sent while `next_attempt_at <= due_at`.
The API writes reminders for the relay in this way; each sending moves `next_attempt_at` beyond `due_at`. Rows
whose messages the API itself sends are written as sent.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from convoke.outbox import LONGEST_DELAY_SECONDS, PENDING, OutboxRow
from sqlalchemy import Connection, TextClause, text

# A locked row is being delivered, cancelled or sent.
_CHOOSE = f"""
SELECT id, event_id, type, correlation_id, CAST(extract(epoch FROM due_at - now()) AS float8),
       attempts, next_attempt_at
FROM outbox
WHERE {PENDING} AND %s
ORDER BY next_attempt_at
LIMIT :limit
FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - constants only
_CHOOSE_UNSENT = text(
    _CHOOSE
    % """next_attempt_at <= due_at AND next_attempt_at <= now() + make_interval(secs => :lookahead)
      AND due_at <= now() + make_interval(secs => :lookahead)"""
)
_CHOOSE_SENT = text(_CHOOSE % "next_attempt_at > due_at AND next_attempt_at <= now()")

_POSTPONE = text("""
UPDATE outbox
SET attempts = outbox.attempts + 1,
    next_attempt_at = greatest(now(), outbox.due_at) + make_interval(secs => chosen.backoff)
FROM jsonb_to_recordset(CAST(:chosen AS jsonb)) AS chosen (id uuid, backoff float8)
WHERE outbox.id = chosen.id
""")

# In id order, as the worker locks; a row that is locked is being delivered and needs no other attempt.
_UNDO_CLAIMS = text("""
WITH given AS (
    SELECT outbox.id, unsent.next_attempt_at
    FROM jsonb_to_recordset(CAST(:unsent AS jsonb))
         AS unsent (id uuid, attempts int, next_attempt_at timestamptz)
    JOIN outbox ON outbox.id = unsent.id AND outbox.attempts = unsent.attempts + 1
    WHERE outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL AND outbox.failed_at IS NULL
    ORDER BY outbox.id
    FOR UPDATE OF outbox SKIP LOCKED
)
UPDATE outbox SET attempts = outbox.attempts - 1, next_attempt_at = given.next_attempt_at
FROM given WHERE outbox.id = given.id
""")


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """A row to be sent, with its attempts and next attempt from before the claim."""

    row: OutboxRow
    attempts: int
    next_attempt_at: datetime


def claim_unsent(
    connection: Connection, *, limit: int, lookahead_seconds: float, backoff: Callable[[int], float]
) -> list[ClaimedRow]:
    """Claim rows that were never sent and that fall due within `lookahead_seconds`, the first due first.

    `backoff` returns the seconds until the next attempt for the number of attempts before this one.
    """
    lookahead = min(lookahead_seconds, LONGEST_DELAY_SECONDS)
    return _claim(connection, _CHOOSE_UNSENT, {"limit": limit, "lookahead": lookahead}, backoff)


def claim_sent(connection: Connection, *, limit: int, backoff: Callable[[int], float]) -> list[ClaimedRow]:
    """Claim rows that were sent and not delivered in time; see `claim_unsent`."""
    return _claim(connection, _CHOOSE_SENT, {"limit": limit}, backoff)


def give_back(connection: Connection, claims: Iterable[ClaimedRow]) -> None:
    """Undo the claim of rows that the queue did not take: the next tick claims them again."""
    connection.execute(
        _UNDO_CLAIMS,
        {
            "unsent": json.dumps(
                [
                    {
                        "id": str(claim.row.id),
                        "attempts": claim.attempts,
                        "next_attempt_at": claim.next_attempt_at.isoformat(),
                    }
                    for claim in claims
                ]
            )
        },
    )


def _claim(
    connection: Connection,
    choose: TextClause,
    parameters: Mapping[str, float],
    backoff: Callable[[int], float],
) -> list[ClaimedRow]:
    claims: Sequence[ClaimedRow] = [
        ClaimedRow(OutboxRow(*columns[:5]), columns.attempts, columns.next_attempt_at)
        for columns in connection.execute(choose, parameters)
    ]
    if claims:
        chosen = [{"id": str(claim.row.id), "backoff": backoff(claim.attempts)} for claim in claims]
        connection.execute(_POSTPONE, {"chosen": json.dumps(chosen)})
    return list(claims)
