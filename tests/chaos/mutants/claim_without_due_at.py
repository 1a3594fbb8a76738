"""Delivers rows before they are due."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "3: a row is not delivered before it is due"
CAUGHT_BY = "an_early_message_has_no_effect"


def apply() -> None:
    replace(
        claims,
        "_LOCK_UNDELIVERED",
        text(edit(claims._LOCK_UNDELIVERED.text, " AND outbox.due_at <= now()", "")),
    )
