"""Drops recipients whose locale has no rendered text yet."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "5: the join with the texts is a left join"
CAUGHT_BY = "a_recipient_of_a_new_locale_is_notified"


def apply() -> None:
    for name in ("_CLAIM_BATCH", "_CLAIM_TOLERANTLY"):
        statement = edit(getattr(claims, name).text, "LEFT JOIN locales", "JOIN locales")
        replace(claims, name, text(statement))
