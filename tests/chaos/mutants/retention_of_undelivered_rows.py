"""Deletes old rows, undelivered ones too."""

import convoke_relay.retention as retention
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "retention removes no undelivered row"
CAUGHT_BY = "retention_keeps_undelivered_rows"


def apply() -> None:
    statement = edit(
        retention._DELETE_OUTBOX_ROWS.text,
        "cancelled_at < now()",
        "created_at < now()",
    )
    replace(retention, "_DELETE_OUTBOX_ROWS", text(statement))
