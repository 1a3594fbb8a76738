"""Stores the results of requests that are a transaction, by idempotency key.

`convoke_api.events.create_statement` stores the result of creating an event within its one statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from convoke.domain import KEY_LIFETIME
from convoke.errors import ConflictError, UnacceptableError
from sqlalchemy import Connection, text

from convoke_api.idempotency.key import IdempotentRequest
from convoke_api.unit_of_work import UnitOfWork


def try_lock_key(user_id: str, scope: str, key: str) -> str:
    """Return an SQL expression that locks a key until the transaction ends; false when it is locked."""
    return f"pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', {user_id}, {scope}, {key}), 0))"


# Two statements: only the snapshot of the second one holds the record of a request that has just unlocked
# the key.
_LOCK = text(f"SELECT {try_lock_key('CAST(:user_id AS uuid)', 'CAST(:scope AS text)', 'CAST(:key AS text)')}")

_FIND = text(f"""
SELECT encode(request_hash, 'hex') AS request_hash, affected
FROM idempotency_records
WHERE user_id = :user_id AND scope = :scope AND key = :key AND created_at > now() - interval '{KEY_LIFETIME}'
""")  # noqa: S608 - constants only

_STORE = text("""
INSERT INTO idempotency_records AS record (user_id, scope, key, request_hash, status, affected)
VALUES (:user_id, :scope, :key, decode(:request_hash, 'hex'), 200, :affected)
ON CONFLICT (user_id, scope, key) DO UPDATE
SET request_hash = excluded.request_hash, affected = excluded.affected, created_at = now()
""")


@dataclass(frozen=True, slots=True)
class Result:
    """The number of things that a request has changed, now or when it was first sent (`replayed`)."""

    affected: int
    replayed: bool


def key_in_progress_error() -> ConflictError:
    """Make the error for a request whose key another request is using right now."""
    return ConflictError("A request with this Idempotency-Key is in progress; repeat this one later.")


def key_reused_error() -> UnacceptableError:
    """Make the error for a key that was used for another request."""
    return UnacceptableError("This Idempotency-Key was used for another request.")


def find_stored_result(connection: Connection, user_id: UUID, request: IdempotentRequest) -> int | None:
    """Lock the key and return how many things the same request has changed; None when it is new.

    Raises ConflictError while the same key is in use, UnacceptableError for another request with the key.
    """
    if request.key is None:
        return None
    names = {"user_id": user_id, "scope": request.scope, "key": request.key}
    if not connection.execute(_LOCK, names).scalar_one():
        raise key_in_progress_error()
    record = connection.execute(_FIND, names).one_or_none()
    if record is None:
        return None
    if record.request_hash != request.request_hash:
        raise key_reused_error()
    return int(record.affected)


def run_once(
    work: UnitOfWork, request: IdempotentRequest, stored: int | None, run: Callable[[], int]
) -> Result:
    """Return the `stored` result, or that of `run`, which is stored in the same transaction."""
    if stored is not None:
        return Result(stored, replayed=True)
    affected = run()
    _store(work.connection, work.caller.id, request, affected)
    return Result(affected, replayed=False)


def _store(connection: Connection, user_id: UUID, request: IdempotentRequest, affected: int) -> None:
    if request.key is not None:
        connection.execute(
            _STORE,
            {
                "user_id": user_id,
                "scope": request.scope,
                "key": request.key,
                "request_hash": request.request_hash,
                "affected": affected,
            },
        )
