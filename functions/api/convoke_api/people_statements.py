"""How statements find the people that a request names; pieces of a WITH clause, and their parameters."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from convoke.domain import email_key
from convoke.errors import Problem, UnacceptableError
from sqlalchemy import Connection, text

# Somebody named by id and by address counts once, and not as invited by address.
NAMED = """
named AS MATERIALIZED (
    SELECT users.id, false AS by_email
    FROM unnest(CAST(:participant_ids AS uuid[])) AS wanted (id) JOIN users USING (id)
    WHERE users.erased_at IS NULL
    UNION ALL
    SELECT users.id, true
    FROM jsonb_array_elements_text(CAST(:email_keys AS jsonb)) AS wanted (email_key)
    JOIN users USING (email_key)
    WHERE users.erased_at IS NULL
),
participants AS MATERIALIZED (
    SELECT id, bool_and(by_email) AS invited_by_email FROM named GROUP BY id
)"""

#: Branches of a CASE: what keeps the people that are named from being found.
UNKNOWN_PEOPLE = """
        WHEN (SELECT count(*) FROM named WHERE NOT by_email) < cardinality(CAST(:participant_ids AS uuid[]))
            THEN 'unknown_ids'
        WHEN (SELECT count(*) FROM named WHERE by_email) < jsonb_array_length(CAST(:email_keys AS jsonb))
            THEN 'unknown_emails'"""

_UNKNOWN_IDS = text("""
SELECT wanted.place - 1 AS index
FROM unnest(CAST(:participant_ids AS uuid[])) WITH ORDINALITY AS wanted (id, place)
WHERE NOT EXISTS (SELECT FROM users WHERE users.id = wanted.id AND users.erased_at IS NULL)
ORDER BY wanted.place
""")


def describe_people(ids: Sequence[UUID], emails: Sequence[str]) -> dict[str, Any]:
    """The parameters of NAMED. Neither list may hold anybody twice."""
    return {
        "participant_ids": "{" + ",".join(map(str, ids)) + "}",
        "email_keys": json.dumps([email_key(email) for email in emails]),
    }


def check_number(ids: Sequence[UUID], emails: Sequence[str], limit: int) -> None:
    """Raises UnacceptableError for more people than an event may have."""
    if len(ids) + len(emails) > limit:
        raise too_many(limit, "/participant_ids" if ids else "/participant_emails")


def too_many(limit: int, pointer: str) -> UnacceptableError:
    """The refusal of more participants than an event may have."""
    detail = f"An event has at most {limit} participants."
    return UnacceptableError(detail, [Problem(pointer, detail)])


def refuse_unknown_ids(connection: Connection, people: dict[str, Any]) -> UnacceptableError:
    """The refusal that lists each of `participant_ids` that names nobody."""
    unknown = connection.execute(_UNKNOWN_IDS, {"participant_ids": people["participant_ids"]}).scalars()
    return UnacceptableError(
        "Some participant_ids name nobody.",
        [Problem(f"/participant_ids/{index}", "names nobody") for index in unknown],
    )
