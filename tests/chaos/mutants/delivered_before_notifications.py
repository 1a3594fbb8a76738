"""Commits `delivered_at` before the notifications are written.

This is "delete before commit" in a system whose acknowledgement is the row, not the message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import convoke_worker.handler as worker
from chaos.mutation import replace
from sqlalchemy import text

RULE = "3: claim and effect are one transaction"
CAUGHT_BY = "harness"

_MARK = text("""
UPDATE outbox SET delivered_at = clock_timestamp()
WHERE id = ANY (CAST(:ids AS uuid[])) AND delivered_at IS NULL AND cancelled_at IS NULL AND due_at <= now()
RETURNING id
""")
_UNMARK = text("UPDATE outbox SET delivered_at = NULL WHERE id = ANY (CAST(:ids AS uuid[]))")


@contextmanager
def _committing_at_the_end(engine: Any) -> Iterator[Any]:
    with engine.connect() as connection:
        yield connection
        connection.commit()


def apply() -> None:
    deliver = worker.deliver

    def mark_and_deliver(connection: Any, outbox_ids: Any, *arguments: Any, **named: Any) -> Any:
        marked = connection.execute(_MARK, {"ids": _array(outbox_ids)}).scalars().all()
        connection.commit()
        # In a transaction of its own: otherwise the product would find the rows delivered.
        connection.execute(_UNMARK, {"ids": _array(marked)})
        return deliver(connection, outbox_ids, *arguments, **named)

    replace(worker, "transaction", _committing_at_the_end)
    replace(worker, "deliver", mark_and_deliver)


def _array(ids: Any) -> str:
    return "{" + ",".join(map(str, ids)) + "}"
