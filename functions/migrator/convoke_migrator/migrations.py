"""Bring the schema to its newest revision. Several at once are harmless: one works, the others wait."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

#: Any constant will do, as long as nothing else in the database locks the same one.
_LOCK_KEY = 0x636F6E766F6B65


def upgrade(connection: Connection) -> str:
    """Apply what is missing, inside the caller's transaction; returns the revision reached."""
    # The lock belongs to the transaction: it is gone with it, however it ends.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    command.upgrade(make_config(connection), "head")
    return current(connection)


def current(connection: Connection) -> str:
    """The revision of the schema; an empty string for an empty database."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def make_config(connection: Connection) -> Config:
    """What alembic's commands need to run these migrations on a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
