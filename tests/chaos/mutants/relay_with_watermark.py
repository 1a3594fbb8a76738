"""Ignores rows with lower ids than the last one sent."""

import convoke_relay.claims as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "no watermark: a lower id may commit later than a higher one"
CAUGHT_BY = "rows_that_commit_late_are_sent"


def apply() -> None:
    for name in ("_CHOOSE_UNSENT", "_CHOOSE_SENT"):
        statement = edit(
            getattr(claims, name).text,
            "WHERE ",
            "WHERE id > coalesce((SELECT id FROM outbox WHERE attempts > 0 ORDER BY id DESC LIMIT 1),"
            " '00000000-0000-0000-0000-000000000000') AND ",
        )
        replace(claims, name, text(statement))
