"""Locks rows in the order of the messages."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "3: the batch's rows are locked in id order, or two overlapping batches deadlock"
CAUGHT_BY = "overlapping_batches_never_deadlock"


def apply() -> None:
    statement = edit(
        claims._LOCK_UNDELIVERED.text,
        "ORDER BY outbox.id",
        "ORDER BY array_position(CAST(:ids AS uuid[]), outbox.id)",
    )
    replace(claims, "_LOCK_UNDELIVERED", text(statement))
