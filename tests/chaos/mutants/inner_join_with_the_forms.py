"""Readers in a form that the environment has not met are joined away."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "5: the join with the texts is a left join"
CAUGHT_BY = "a_reader_of_a_new_language_is_told"


def apply() -> None:
    for name in ("_CLAIM_BATCH", "_CLAIM_TOLERANTLY"):
        statement = edit(getattr(claims, name).text, "LEFT JOIN locales", "JOIN locales")
        replace(claims, name, text(statement))
