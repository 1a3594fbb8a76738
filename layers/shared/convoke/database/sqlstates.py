"""Classifies database errors by SQLSTATE (PostgreSQL documentation, appendix A), not by driver class."""

from sqlalchemy.exc import DBAPIError

from convoke.errors import DatabaseUnavailableError

#: SQLSTATE classes of temporary errors: connection failure, sign-in, resources, shutdown, system errors.
_UNAVAILABLE_CLASSES = ("08", "28", "53", "57", "58")
#: Serialization, deadlock: to be run again as a whole (PostgreSQL documentation, 13.5). So is a transaction
#: with a statement that was prepared before a migration.
_UNDONE_STATES = ("40001", "40P01", "0A000")
#: These, a lock timeout, an idle transaction.
_UNAVAILABLE_STATES = (*_UNDONE_STATES, "55P03", "25P03")


def read_sqlstate(error: BaseException | None) -> str | None:
    """Return the SQLSTATE of a driver error; None when the server did not send the error."""
    details = error.args[0] if error is not None and error.args else None
    return details.get("C") if isinstance(details, dict) else None


def sqlstate(error: BaseException | None) -> str | None:
    """Return the SQLSTATE of an error of the driver or of SQLAlchemy; None when the server sent none."""
    return read_sqlstate(error.orig if isinstance(error, DBAPIError) else error)


def constraint_name(error: DBAPIError) -> str | None:
    """Return the name of the constraint or unique index that a statement violated."""
    details = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return details.get("n") if isinstance(details, dict) else None


def is_unavailable(error: BaseException) -> bool:
    """Return whether a retry may succeed: no response of the database, or a temporary error."""
    if isinstance(error, (OSError, DatabaseUnavailableError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error)
    if state is None:
        # Without a SQLSTATE it is the connection (refused, cut, timed out) or a value that pg8000 could
        # not encode; the latter has no driver error class of its own.
        return error.connection_invalidated and not isinstance(error.orig, (ValueError, TypeError))
    return state.startswith(_UNAVAILABLE_CLASSES) or state in _UNAVAILABLE_STATES


def is_undone(error: BaseException) -> bool:
    """Return whether the server has rolled back a transaction that may succeed when it is run again."""
    return sqlstate(error) in _UNDONE_STATES
