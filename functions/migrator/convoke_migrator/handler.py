"""The migrator function: upgrades, reads or downgrades the schema. The deployment invokes it.

{"command": "upgrade"}                                             upgrade to the newest revision
{"command": "current"}                                             read the revision
{"command": "downgrade", "revision": "0001", "force": true}        go back; data of newer revisions is lost
"""

from typing import Any

from convoke.database.access import make_function_engine
from convoke.database.transactions import transaction
from convoke.settings import DatabaseSettings, read_settings

#: An index on a big table may take its time; Lambda ends the function after 15 minutes.
_TIMEOUT_SECONDS = 840

_COMMANDS = ("upgrade", "current", "downgrade")


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Run one command and return {"revision": …}. Raises ValueError, before any change, for a refused one."""
    command, revision = read_command(event)
    # Loaded here, so that importing the package (the local stack does) stays cheap.
    from convoke_migrator import migrations

    engine = make_function_engine(
        read_settings(DatabaseSettings), application_name="convoke-migrator", timeout_seconds=_TIMEOUT_SECONDS
    )
    try:
        with transaction(engine) as connection:
            if command == "downgrade":
                return {"revision": migrations.downgrade(connection, revision)}
            if command == "upgrade":
                return {"revision": migrations.upgrade(connection)}
            return {"revision": migrations.current(connection)}
    finally:
        engine.dispose()


def read_command(event: dict[str, Any]) -> tuple[str, str]:
    """Return the command and, for a downgrade, the revision to go back to. Raises ValueError."""
    command = event.get("command", "")
    if command not in _COMMANDS:
        raise ValueError(f"the command must be one of: {', '.join(_COMMANDS)}")
    revision = event.get("revision", "")
    if command != "downgrade":
        return command, ""
    if not isinstance(revision, str) or not revision:
        raise ValueError('a downgrade must name the revision to go back to, "base" for an empty schema')
    if event.get("force") is not True:
        raise ValueError(
            "a downgrade loses the data of newer revisions, and the functions may need it: "
            'roll back the functions instead, or pass {"force": true}'
        )
    return command, revision
