"""Readers whose language changes between rendering and claim get no text, and so nothing."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "5: the default locale is the fallback; a reader who changes in between must not drop out"
CAUGHT_BY = "a_reader_who_changes_language_meanwhile_is_told"


def apply() -> None:
    for name in ("_CLAIM_BATCH", "_CLAIM_TOLERANTLY"):
        statement = edit(
            getattr(claims, name).text, "coalesce(recipients.locale_number, 0)", "recipients.locale_number"
        )
        replace(claims, name, text(statement))
