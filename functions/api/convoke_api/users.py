"""The people: found by who they are, and made when they first call or are first invited by address."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from convoke.errors import DatabaseUnavailableError
from sqlalchemy import Connection, text

from convoke_api.claims import Identity
from convoke_api.fields import email_key

#: Somebody else may provision the same person between our two statements; more than that is no race.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class User:
    """The caller, as the database knows them; None where the default applies."""

    id: UUID
    email: str | None
    full_name: str | None
    locale: str | None
    time_zone: str | None


_FIND = text("""
SELECT id, email, full_name, locale, time_zone FROM users
WHERE subject_hash = :subject_hash AND erased_at IS NULL
""")

# Inserts go in the order of the addresses, and the update comes after all of them: two of these at once, for
# people who invite each other, would otherwise wait for each other. What was inserted is resolved by the next
# statement: this one's snapshot cannot see what somebody else has just inserted.
_PROVISION = text("""
WITH caller AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:caller AS jsonb)) AS caller (
        subject_hash text, email text, verified_email_key text, full_name text, locale text, time_zone text)
),
newcomer AS MATERIALIZED (
    SELECT caller.* FROM caller
    WHERE NOT EXISTS (SELECT FROM users
                      WHERE users.subject_hash = caller.subject_hash AND users.erased_at IS NULL)
),
people AS (
    -- An address belongs to the first person who has shown that it is theirs.
    SELECT subject_hash, email, full_name, locale, time_zone,
           (SELECT verified_email_key
            WHERE NOT EXISTS (SELECT FROM users WHERE email_key = verified_email_key)) AS email_key
    FROM newcomer
    WHERE NOT EXISTS (SELECT FROM users WHERE email_key = verified_email_key AND subject_hash IS NULL)
    UNION ALL
    SELECT NULL, email, NULL, NULL, NULL, email_key
    FROM jsonb_to_recordset(CAST(:invited AS jsonb)) AS invited (email text, email_key text)
),
inserted AS (
    INSERT INTO users (subject_hash, email, email_key, full_name, locale, time_zone)
    SELECT subject_hash, email, email_key, full_name, locale, time_zone
    FROM people
    ORDER BY email_key, subject_hash
    ON CONFLICT DO NOTHING
    RETURNING id
)
UPDATE users
SET subject_hash = newcomer.subject_hash, email = newcomer.email,
    full_name = newcomer.full_name, locale = newcomer.locale, time_zone = newcomer.time_zone
FROM newcomer
WHERE users.email_key = newcomer.verified_email_key AND users.subject_hash IS NULL
  AND (SELECT count(*) FROM inserted) >= 0
""")


def find_user(connection: Connection, identity: Identity) -> User | None:
    """The person behind an identity; None before their first call."""
    row = connection.execute(_FIND, {"subject_hash": identity.subject_hash}).one_or_none()
    return User(*row) if row else None


def get_user(connection: Connection, identity: Identity) -> User:
    """The person behind an identity, made or taken over from an invitation on the first call."""
    for _ in range(_TRIES):
        user = find_user(connection, identity)
        if user is not None:
            return user
        provision(connection, identity, ())
    raise DatabaseUnavailableError("the caller could not be provisioned")


def provision(connection: Connection, identity: Identity, emails: Iterable[str]) -> None:
    """Make users for the caller and for addresses that have none yet; all in one statement.

    A caller whose verified address was invited before takes over that person, with all invitations.
    """
    connection.execute(
        _PROVISION,
        {
            "caller": json.dumps(_columns(identity)),
            "invited": json.dumps([{"email": email, "email_key": email_key(email)} for email in emails]),
        },
    )


def _columns(identity: Identity) -> dict[str, str | None]:
    return {
        "subject_hash": identity.subject_hash,
        "email": identity.email,
        "verified_email_key": identity.verified_email_key,
        "full_name": identity.full_name,
        "locale": identity.locale,
        "time_zone": identity.time_zone,
    }


_CHANGE = text("""
UPDATE users
SET full_name = coalesce(:full_name, full_name), locale = coalesce(:locale, locale),
    time_zone = coalesce(:time_zone, time_zone)
WHERE id = :id
RETURNING id, email, full_name, locale, time_zone
""")


def change_user(connection: Connection, user: User, fields: Mapping[str, Any]) -> User:
    """Set the named ones of full_name, locale and time_zone; the others stay."""
    values = {"full_name": None, "locale": None, "time_zone": None, **fields}
    return User(*connection.execute(_CHANGE, {"id": user.id, **values}).one())
