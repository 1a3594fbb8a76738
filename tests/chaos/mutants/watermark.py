"""The relay remembers how far it has come, and looks no further back."""

import convoke_relay.claims as claims
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "no watermark: a lower id may commit later than a higher one"
CAUGHT_BY = "what_commits_late_is_sent_too"


def apply() -> None:
    for name in ("_CHOOSE_UNSENT", "_CHOOSE_SENT"):
        statement = edit(
            getattr(claims, name).text,
            "WHERE ",
            "WHERE id > coalesce((SELECT id FROM outbox WHERE attempts > 0 ORDER BY id DESC LIMIT 1),"
            " '00000000-0000-0000-0000-000000000000') AND ",
        )
        replace(claims, name, text(statement))
