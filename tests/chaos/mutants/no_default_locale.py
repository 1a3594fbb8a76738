"""Drops recipients whose locale changes between rendering and claim."""

import convoke_worker.notification_statements as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "5: the default locale is the fallback, for recipients whose locale changes in between"
CAUGHT_BY = "a_recipient_who_changes_locale_meanwhile_is_notified"


def apply() -> None:
    for name in ("_CLAIM_BATCH", "_CLAIM_TOLERANTLY"):
        statement = edit(
            getattr(claims, name).text, "coalesce(recipients.locale_number, 0)", "recipients.locale_number"
        )
        replace(claims, name, text(statement))
