"""Idempotency records of requests that are a transaction: what the first of equal requests did.

Creating an event keeps its record within its one statement (`convoke_api.events.create_statement`).
"""

from collections.abc import Callable
from uuid import UUID

from convoke.errors import ConflictError, UnacceptableError
from sqlalchemy import Connection, text
from starlette.responses import Response

from convoke_api.idempotency.key import IdempotentRequest
from convoke_api.unit_of_work import UnitOfWork

# Held until the transaction ends. Two statements: what the lock let us wait for is seen by the second alone.
_LOCK = text("""
SELECT pg_try_advisory_xact_lock(
    hashtextextended(concat_ws(' ', CAST(:user_id AS uuid), CAST(:scope AS text), CAST(:key AS text)), 0))
""")

_FIND = text("""
SELECT encode(request_hash, 'hex') AS request_hash, affected
FROM idempotency_records
WHERE user_id = :user_id AND scope = :scope AND key = :key AND created_at > now() - interval '24 hours'
""")

_REMEMBER = text("""
INSERT INTO idempotency_records AS record (user_id, scope, key, request_hash, status, affected)
VALUES (:user_id, :scope, :key, decode(:request_hash, 'hex'), 200, :affected)
ON CONFLICT (user_id, scope, key) DO UPDATE
SET request_hash = excluded.request_hash, affected = excluded.affected, created_at = now()
""")


def key_in_progress_error() -> ConflictError:
    """The answer to a request whose twin is being worked on."""
    return ConflictError("A request with this Idempotency-Key is being worked on; repeat this one later.")


def key_reused_error() -> UnacceptableError:
    """The answer to another request with a key that was used."""
    return UnacceptableError("This Idempotency-Key was used for another request.")


def find_stored_result(connection: Connection, user_id: UUID, request: IdempotentRequest) -> int | None:
    """How many things the same request has changed when it was first made; None when this is the first.

    Raises ConflictError while the first is being worked on, UnacceptableError for another request.
    """
    if request.key is None:
        return None
    names = {"user_id": user_id, "scope": request.scope, "key": request.key}
    if not connection.execute(_LOCK, names).scalar_one():
        raise key_in_progress_error()
    earlier = connection.execute(_FIND, names).one_or_none()
    if earlier is None:
        return None
    if earlier.request_hash != request.request_hash:
        raise key_reused_error()
    return int(earlier.affected)


def remember(connection: Connection, user_id: UUID, request: IdempotentRequest, affected: int) -> None:
    """Keep what the request has done, in its transaction."""
    if request.key is not None:
        connection.execute(
            _REMEMBER,
            {
                "user_id": user_id,
                "scope": request.scope,
                "key": request.key,
                "request_hash": request.request_hash,
                "affected": affected,
            },
        )


def run_once(
    work: UnitOfWork,
    request: IdempotentRequest,
    response: Response,
    earlier: int | None,
    do: Callable[[], int],
) -> int:
    """Returns how many things the request has changed: `earlier`, or what `do` returns when it is new."""
    if earlier is not None:
        response.headers["Idempotency-Replayed"] = "true"
        return earlier
    affected = do()
    remember(work.connection, work.caller.id, request, affected)
    return affected
