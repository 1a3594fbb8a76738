"""Writes notifications for each message, delivered or not, under a new key."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "3: claim and effect are one transaction, and a delivered row is not delivered again"
CAUGHT_BY = "harness"


def apply() -> None:
    replace(
        claims,
        "_LOCK_UNDELIVERED",
        text(edit(claims._LOCK_UNDELIVERED.text, "AND outbox.delivered_at IS NULL AND", "AND")),
    )
    for name in ("_CLAIM_BATCH", "_CLAIM_TOLERANTLY"):
        statement = edit(
            getattr(claims, name).text,
            "SELECT recipients.user_id, recipients.id, texts",
            "SELECT recipients.user_id, uuid7_at(clock_timestamp()), texts",
        )
        replace(claims, name, text(statement))
