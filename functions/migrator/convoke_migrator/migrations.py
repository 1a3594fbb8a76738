"""Upgrades, downgrades and reads the schema's revision.

Concurrent calls are harmless: one works, the others wait and then have nothing left to do.
"""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from convoke_migrator.access import grant_access

#: Any constant will do, as long as nothing else in the database locks the same one.
_LOCK_KEY = 0x636F6E766F6B65

_LOGGER = logging.getLogger(__name__)


def upgrade(connection: Connection) -> str:
    """Apply the missing revisions, then grant the functions' roles their access; return the revision reached.

    All of it is in the caller's transaction: a migration that fails leaves nothing behind.
    """
    _wait_for_turn(connection)
    command.upgrade(make_config(connection), "head")
    if missing := grant_access(connection):
        _LOGGER.warning(
            "the roles %s are missing, and this user may not create them (see access.py)", ", ".join(missing)
        )
    return current(connection)


def downgrade(connection: Connection, revision: str) -> str:
    """Go back to a revision, "base" for the empty schema, inside the caller's transaction.

    Data of newer revisions is lost. Returns the revision reached; raises alembic's CommandError for a
    revision that does not exist.
    """
    _wait_for_turn(connection)
    command.downgrade(make_config(connection), revision)
    return current(connection)


def current(connection: Connection) -> str:
    """Return the revision of the schema; an empty string for an empty database."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def make_config(connection: Connection) -> Config:
    """Make the configuration with which alembic's commands run these migrations on a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _wait_for_turn(connection: Connection) -> None:
    # The lock belongs to the transaction: it is gone with it, however it ends.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
