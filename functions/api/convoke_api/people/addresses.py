"""Applies a token's address to the caller's user, and takes it from the person who held it before.

A verified address belongs to the person who proved it last, by the token's `iat` (docs/decisions/0045).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from convoke.database.sqlstates import constraint_name
from convoke.database.transactions import explicit_transaction
from convoke.handover import FormerHolder, hand_over
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from convoke_api.web.identity import Identity

#: An invitation may create a user of the address between two statements; more failures are not a race.
_TRIES = 3
#: Former holders whose invitations are handed over in the request; the relay hands over the others.
_HANDOVERS_IN_REQUEST = 3

# One change of an address at a time. Locks on the people are not enough: the holder may change while waiting.
_LOCK_ADDRESS = text("SELECT pg_advisory_xact_lock(hashtextextended('address ' || :email_key, 0))")

_LOCK_PEOPLE = text("""
SELECT id, email_key, subject_hash IS NULL OR claims_issued_at < :issued_at AS yields,
       coalesce(subject_hash = :subject_hash AND tokens_valid_from < :issued_at, false) AS is_caller
FROM users
WHERE erased_at IS NULL AND (subject_hash = :subject_hash OR email_key = CAST(:email_key AS text))
ORDER BY id
FOR UPDATE
""")

_RELEASE = text("""
WITH person AS (UPDATE users SET email_key = NULL WHERE id = :id)
INSERT INTO former_addresses (email_key, user_id) VALUES (:email_key, :id)
ON CONFLICT (email_key, user_id) DO UPDATE SET taken_at = NULL, next_attempt_at = NULL
""")

_APPLY = text("""
UPDATE users SET email = :email, email_key = :email_key, claims_issued_at = :issued_at WHERE id = :id
""")

_TAKE = text("""
WITH own AS (DELETE FROM former_addresses WHERE email_key = :email_key AND user_id = :id)
UPDATE former_addresses SET taken_at = clock_timestamp(), next_attempt_at = clock_timestamp()
WHERE email_key = :email_key AND user_id <> :id
RETURNING user_id
""")


@dataclass(frozen=True, slots=True)
class _LockedUser:
    id: UUID
    email_key: str | None
    #: Whether the caller's token may take the address from this person.
    yields: bool
    is_caller: bool


def apply_claims(connection: Connection, identity: Identity) -> None:
    """Apply the token's address to the caller, and hand over the invitations that wait under it.

    The connection is in autocommit. Does nothing for a caller without a user, nor for a token that is void or
    was issued before the last one that was applied.
    """
    for attempt in range(_TRIES):
        try:
            with explicit_transaction(connection):
                former = _assign_address(connection, identity)
            break
        except IntegrityError as error:
            if constraint_name(error) != "uq_users_email_key" or attempt == _TRIES - 1:
                raise
    # In later transactions: statements that resolved the address before the assignment have committed by now,
    # most likely.
    for holder in former[:_HANDOVERS_IN_REQUEST]:
        with explicit_transaction(connection):
            hand_over(connection, holder)


def _assign_address(connection: Connection, identity: Identity) -> list[FormerHolder]:
    wanted = identity.verified_email_key
    if wanted is not None:
        connection.execute(_LOCK_ADDRESS, {"email_key": wanted})
    rows = connection.execute(
        _LOCK_PEOPLE,
        {"subject_hash": identity.subject_hash, "issued_at": identity.issued_at, "email_key": wanted},
    )
    people = [_LockedUser(*row) for row in rows]
    caller = next((it for it in people if it.is_caller), None)
    # No user, or a token that is not newer than the last one applied: another request was faster.
    if caller is None or not caller.yields:
        return []
    holder = next((it for it in people if it is not caller), None)
    email_key = wanted if holder is None or holder.yields else None
    if caller.email_key is not None and caller.email_key != email_key:
        _release(connection, caller)
    if holder is not None and email_key is not None:
        _release(connection, holder)
    values: dict[str, Any] = {"id": caller.id, "email": identity.email, "email_key": email_key}
    connection.execute(_APPLY, {**values, "issued_at": identity.issued_at})
    if email_key is None:
        return []
    return [FormerHolder(email_key, user_id) for user_id in connection.execute(_TAKE, values).scalars()]


def _release(connection: Connection, person: _LockedUser) -> None:
    connection.execute(_RELEASE, {"id": person.id, "email_key": person.email_key})
