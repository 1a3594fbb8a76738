"""Continues the handovers of addresses: steps that the request left, and rows written since."""

from collections.abc import Callable

from convoke.database.transactions import autocommit, transaction
from convoke.handover import FormerHolder, hand_over
from sqlalchemy import Engine, text

#: One tick handles so many former holders; the following ticks the others.
_MOST_FORMER_HOLDERS = 100
#: Of the function's time. A step of a thousand participations takes less than a second.
_RESERVE_SECONDS = 10.0

_LIST_DUE = text(f"""
SELECT email_key, user_id FROM former_addresses
WHERE next_attempt_at <= now() ORDER BY next_attempt_at LIMIT {_MOST_FORMER_HOLDERS}
""")  # noqa: S608 - constants only


def continue_handovers(engine: Engine, *, remaining_seconds: Callable[[], float]) -> int:
    """Take the steps that are due, each in a transaction of its own; return how many."""
    with autocommit(engine) as connection:
        due = [FormerHolder(*row) for row in connection.execute(_LIST_DUE)]
    steps = 0
    for former in due:
        more = True
        while more and remaining_seconds() > _RESERVE_SECONDS:
            with transaction(engine) as connection:
                more = hand_over(connection, former)
            steps += 1
    return steps
