"""Delivers cancelled rows."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "3 and 6: a cancelled row is not delivered"
CAUGHT_BY = "a_message_for_a_cancelled_row_has_no_effect"


def apply() -> None:
    replace(
        claims,
        "_LOCK_UNDELIVERED",
        text(edit(claims._LOCK_UNDELIVERED.text, " AND outbox.cancelled_at IS NULL", "")),
    )
