"""Finds the caller's user, creates it on the first call, and changes its settings."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from convoke.errors import DatabaseUnavailableError, NotAuthenticatedError
from convoke.notifications import NotificationType
from sqlalchemy import Connection, text

from convoke_api.web.identity import Identity

#: A call can lose to an invitation that inserts the address, then to another subject that takes that person
#: over, then to one that holds the address by then; each costs a try, and the last one finds the user. More
#: failures are not a race.
_TRIES = 6

_VOID_DETAIL = "The token was issued before the person was erased."


@dataclass(frozen=True, slots=True)
class User:
    """The caller's row of users; None where the default applies."""

    id: UUID
    email: str | None
    full_name: str | None
    locale: str | None
    time_zone: str | None


def has_other_claims(email: str, email_key: str, issued_at: str) -> str:
    """Return an SQL condition: a token's address differs from that of the row of `users` and is newer.

    Newer: issued after the token that was applied last. `email_key` is null while the address is not
    verified. A token without an address changes nothing.
    """
    return f"""({email} IS NOT NULL AND users.claims_issued_at < {issued_at}
           AND (users.email, users.email_key) IS DISTINCT FROM ({email}, {email_key}))"""


_HAS_OTHER_CLAIMS = has_other_claims(
    "CAST(:email AS text)", "CAST(:verified_email_key AS text)", "CAST(:issued_at AS timestamptz)"
)


_FIND = text(f"""
SELECT id, email, full_name, locale, time_zone, {_HAS_OTHER_CLAIMS} AS has_other_claims FROM users
WHERE subject_hash = :subject_hash AND erased_at IS NULL AND tokens_valid_from < :issued_at
""")  # noqa: S608 - constants only

_IS_VOID = text("""
SELECT EXISTS (SELECT FROM users
               WHERE subject_hash = :subject_hash AND greatest(tokens_valid_from, erased_at) >= :issued_at)
""")

# Returns no user: the next statement finds it, since this one's snapshot cannot see a user that a concurrent
# request has just inserted.
_PROVISION = text("""
WITH caller AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(CAST(:caller AS jsonb)) AS caller (
        subject_hash text, email text, verified_email_key text, full_name text, locale text, time_zone text,
        issued_at timestamptz)
),
-- An erased person comes back as a new person, with a token that was issued after the erasure.
erasure AS MATERIALIZED (
    SELECT coalesce(max(users.erased_at), '-infinity') AS at
    FROM caller JOIN users ON users.subject_hash = caller.subject_hash
),
newcomer AS MATERIALIZED (
    SELECT caller.*, erasure.at AS tokens_valid_from FROM caller, erasure
    WHERE caller.issued_at > erasure.at
      AND NOT EXISTS (SELECT FROM users
                      WHERE users.subject_hash = caller.subject_hash AND users.erased_at IS NULL)
),
-- The address is, or was, another person's: the newcomer starts without it, and apply_claims assigns it.
contested AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM users, newcomer
                   WHERE users.email_key = newcomer.verified_email_key AND users.subject_hash IS NOT NULL)
        OR EXISTS (SELECT FROM former_addresses AS former, newcomer
                   WHERE former.email_key = newcomer.verified_email_key) AS contested
),
inserted AS (
    INSERT INTO users (subject_hash, email, full_name, locale, time_zone, tokens_valid_from, email_key,
                       claims_issued_at)
    SELECT subject_hash, email, full_name, locale, time_zone, tokens_valid_from,
           CASE WHEN NOT contested THEN verified_email_key END,
           CASE WHEN contested THEN '-infinity' ELSE issued_at END
    FROM newcomer, contested
    WHERE contested
       OR NOT EXISTS (SELECT FROM users WHERE email_key = verified_email_key AND subject_hash IS NULL)
    ON CONFLICT DO NOTHING
    RETURNING id
),
adopted AS (
    UPDATE users
    SET subject_hash = newcomer.subject_hash, email = newcomer.email,
        full_name = newcomer.full_name, locale = newcomer.locale, time_zone = newcomer.time_zone,
        tokens_valid_from = newcomer.tokens_valid_from, claims_issued_at = newcomer.issued_at
    FROM newcomer, contested
    WHERE users.email_key = newcomer.verified_email_key AND users.subject_hash IS NULL
      AND NOT contested.contested
)
SELECT EXISTS (SELECT FROM newcomer) AND NOT contested FROM contested
""")


def get_user(connection: Connection, identity: Identity) -> User:
    """Return the user of an identity; create it, or take it over from an invitation, on the first call.

    A token with another address than the stored one is applied first. Raises NotAuthenticatedError for a
    token that was issued before the person was erased.
    """
    for _ in range(_TRIES):
        row = connection.execute(_FIND, _token_parameters(identity)).one_or_none()
        if row is None:
            if connection.execute(_IS_VOID, _token_parameters(identity)).scalar_one():
                raise NotAuthenticatedError(_VOID_DETAIL)
            provision(connection, identity)
        elif row.has_other_claims:
            _apply_claims(connection, identity)
        else:
            return User(*row[:-1])
    raise DatabaseUnavailableError("the caller could not be provisioned")


def provision(connection: Connection, identity: Identity) -> None:
    """Create the caller's user, or apply the token's address to it; do nothing for a void token.

    A newcomer with a verified address that was invited before takes over that person, with all invitations.
    """
    settled = connection.execute(_PROVISION, {"caller": json.dumps(_user_columns(identity))}).scalar_one()
    if not settled:
        _apply_claims(connection, identity)


def _apply_claims(connection: Connection, identity: Identity) -> None:
    # Imported here, since few requests need it: an address rarely changes.
    from convoke_api.people.addresses import apply_claims

    apply_claims(connection, identity)


def _token_parameters(identity: Identity) -> dict[str, object]:
    return {
        "subject_hash": identity.subject_hash,
        "issued_at": identity.issued_at,
        "email": identity.email,
        "verified_email_key": identity.verified_email_key,
    }


def _user_columns(identity: Identity) -> dict[str, str | None]:
    return {
        "issued_at": identity.issued_at.isoformat(),
        "subject_hash": identity.subject_hash,
        "email": identity.email,
        "verified_email_key": identity.verified_email_key,
        "full_name": identity.full_name,
        "locale": identity.locale,
        "time_zone": identity.time_zone,
    }


_UPDATE = text("""
UPDATE users
SET full_name = coalesce(:full_name, full_name), locale = coalesce(:locale, locale),
    time_zone = coalesce(:time_zone, time_zone)
WHERE id = :id AND erased_at IS NULL
RETURNING id, email, full_name, locale, time_zone
""")


def update_user(connection: Connection, user: User, fields: Mapping[str, Any]) -> User:
    """Set those of full_name, locale and time_zone that are given; the others stay.

    Raises NotAuthenticatedError if the person has been erased meanwhile.
    """
    values = {"full_name": None, "locale": None, "time_zone": None, **fields}
    row = connection.execute(_UPDATE, {"id": user.id, **values}).one_or_none()
    if row is None:
        raise NotAuthenticatedError(_VOID_DETAIL)
    return User(*row)


_GET_MUTED = text("SELECT muted_types FROM users WHERE id = :id")

_SET_MUTED = text("""
UPDATE users SET muted_types = CAST(:muted_types AS text[]) WHERE id = :id AND erased_at IS NULL
""")


def get_muted_types(connection: Connection, user: User) -> set[str]:
    """Return the types of notification that the person has muted."""
    return set(connection.execute(_GET_MUTED, {"id": user.id}).scalar_one())


def set_muted_types(connection: Connection, user: User, types: Iterable[NotificationType]) -> None:
    """Set the types of notification that are not written for the person from now on."""
    connection.execute(_SET_MUTED, {"id": user.id, "muted_types": "{" + ",".join(types) + "}"})
