"""What is old goes, owed or not."""

import convoke_relay.retention as retention
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "retention removes nothing that is still owed"
CAUGHT_BY = "retention_spares_what_is_owed"


def apply() -> None:
    statement = edit(
        retention._DELETE_OUTBOX_ROWS.text,
        "cancelled_at < now()",
        "created_at < now()",
    )
    replace(retention, "_DELETE_OUTBOX_ROWS", text(statement))
