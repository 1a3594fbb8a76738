"""Shares the CTEs by which statements resolve the people in a request, with parameters and errors."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from convoke.database.arrays import uuid_array
from convoke.domain import email_key
from convoke.errors import Problem, UnacceptableError
from sqlalchemy import Connection, text

from convoke_api.web.schemas import MAX_ERRORS

# SQL condition that leaves out waiting persons who were merged into another person (convoke.handover): they
# have neither a subject nor an address.
_IS_NOT_MERGED = "AND (users.subject_hash IS NOT NULL OR users.email_key IS NOT NULL)"

# `known_people`: those of the request, by id, or by an address that a user verified or was invited by.
RESOLVE_PEOPLE = f"""
addresses AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:addresses AS jsonb)) AS address (email text, email_key text)
),
known_people AS MATERIALIZED (
    SELECT users.id, CAST(NULL AS text) AS invited_address
    FROM unnest(CAST(:participant_ids AS uuid[])) AS wanted (id) JOIN users USING (id)
    WHERE users.erased_at IS NULL {_IS_NOT_MERGED}
    UNION ALL
    SELECT users.id, users.email_key
    FROM addresses JOIN users USING (email_key)
    WHERE users.erased_at IS NULL
)"""  # noqa: S608 - constants only

#: A branch of a CASE: outcome for unknown user ids.
WHEN_UNKNOWN_IDS = """
        WHEN (SELECT count(*) FROM known_people WHERE invited_address IS NULL)
             < cardinality(CAST(:participant_ids AS uuid[])) THEN 'unknown_ids'"""


def participants_when(outcome: str) -> str:
    """Return the CTEs after a `decision` with this outcome: `participants`, users for new addresses included.

    A new address becomes a user here, in the same statement as everything else: the time that an invitation
    takes must not reveal whether the address was known. Inserts are in the order of the addresses, so that
    two of these statements cannot deadlock. `resolved.all_addresses` is false if a concurrent statement has
    just inserted one of the addresses, which this statement's snapshot cannot see: nothing else may be
    written then, and the statement must run again. A person given by id and by address counts once, not as
    invited by address.
    """
    return f"""
new_people AS (
    INSERT INTO users (email, email_key)
    SELECT addresses.email, addresses.email_key
    FROM decision, addresses
    WHERE decision.outcome = '{outcome}'
      AND NOT EXISTS (SELECT FROM users WHERE users.email_key = addresses.email_key)
    ORDER BY addresses.email_key
    ON CONFLICT DO NOTHING
    RETURNING id, email_key
),
resolved AS MATERIALIZED (
    SELECT (SELECT count(invited_address) FROM known_people) + (SELECT count(*) FROM new_people)
           = (SELECT count(*) FROM addresses) AS all_addresses
),
participants AS MATERIALIZED (
    SELECT id, CASE WHEN count(invited_address) = count(*) THEN max(invited_address) END AS invited_address
    FROM (SELECT id, invited_address FROM known_people
          UNION ALL SELECT id, email_key FROM new_people) AS people
    GROUP BY id
)"""  # noqa: S608 - constants only


_UNKNOWN_IDS = text(f"""
SELECT wanted.place - 1 AS index
FROM unnest(CAST(:participant_ids AS uuid[])) WITH ORDINALITY AS wanted (id, place)
WHERE NOT EXISTS (SELECT FROM users
                  WHERE users.id = wanted.id AND users.erased_at IS NULL {_IS_NOT_MERGED})
ORDER BY wanted.place LIMIT :most
""")  # noqa: S608 - constants only


def people_parameters(ids: Sequence[UUID], emails: Sequence[str]) -> dict[str, Any]:
    """Return the parameters of RESOLVE_PEOPLE. Neither list may contain duplicates."""
    return {
        "participant_ids": uuid_array(ids),
        "addresses": json.dumps([{"email": email, "email_key": email_key(email)} for email in emails]),
    }


def ensure_participant_limit(ids: Sequence[UUID], emails: Sequence[str], limit: int) -> None:
    """Raise UnacceptableError for more people than an event may have."""
    if len(ids) + len(emails) > limit:
        raise too_many_participants_error(limit, "/participant_ids" if ids else "/participant_emails")


def too_many_participants_error(limit: int, pointer: str) -> UnacceptableError:
    """Make the error for more participants than an event may have."""
    detail = f"An event has at most {limit} participants."
    return UnacceptableError(detail, [Problem(pointer, detail)])


def unknown_ids_error(connection: Connection, people: dict[str, Any]) -> UnacceptableError:
    """Make the error that lists the first MAX_ERRORS unknown ids of `participant_ids`."""
    values = {"participant_ids": people["participant_ids"], "most": MAX_ERRORS}
    unknown = connection.execute(_UNKNOWN_IDS, values).scalars()
    return UnacceptableError(
        "Some participant_ids are unknown.",
        [Problem(f"/participant_ids/{index}", "unknown user id") for index in unknown],
    )
