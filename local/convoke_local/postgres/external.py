"""Check the external database of DATABASE_URL before it is used."""

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from convoke_local.errors import LocalStackError

_CONNECT_SECONDS = 8
#: PostgreSQL 15 has all that the statements use.
_OLDEST_VERSION = 150_000

_INVALID = "DATABASE_URL must be postgresql://user:password@host:port/database"


def check_database(url: str) -> None:
    """Connect once; raise LocalStackError, without the password, when that fails."""
    try:
        address = make_url(url)
        engine = make_engine(url, timeout_seconds=_CONNECT_SECONDS, application_name="convoke-local")
    except (ArgumentError, ValueError) as error:
        raise LocalStackError(_INVALID) from error
    if address.username is None:
        raise LocalStackError(_INVALID)
    place = f"{address.host or 'localhost'}:{address.port or 5432}"
    try:
        with autocommit(engine) as connection:
            version = connection.execute(
                text("SELECT current_setting('server_version_num')::int")
            ).scalar_one()
    except TypeError as error:
        # Options go to the driver as keyword arguments.
        raise LocalStackError(f"DATABASE_URL has an option that pg8000 does not support: {error}") from error
    except (SQLAlchemyError, OSError) as error:
        raise LocalStackError(
            f"the database of DATABASE_URL at {place} does not respond: {_reason(error)}"
        ) from error
    finally:
        engine.dispose()
    if version < _OLDEST_VERSION:
        raise LocalStackError(f"the database at {place} is older than PostgreSQL 15")


def _reason(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    details = original.args[0] if original.args else original
    # pg8000 passes the server's fields: M is the message.
    message = details.get("M", details) if isinstance(details, dict) else details
    return str(message).split("\n", 1)[0]
