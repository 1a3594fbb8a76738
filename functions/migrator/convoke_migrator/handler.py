"""The migrator function, which the deployment invokes.

{"command": "upgrade"}                                             to the newest revision
{"command": "current"}                                             which one is there
{"command": "downgrade", "revision": "0001", "force": true}        back; what newer ones hold is lost
"""

from typing import Any

from convoke.database.access import make_function_engine
from convoke.database.transactions import transaction
from convoke.settings import DatabaseSettings, read_settings

#: An index on a big table may take its time; Lambda ends the function after 15 minutes.
_TIMEOUT_SECONDS = 840

_COMMANDS = ("upgrade", "current", "downgrade")


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns {"revision": …}. Raises ValueError, before anything is done, for what it will not do."""
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
    """The command and, for a downgrade, the revision that it goes back to. Raises ValueError."""
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
            "a downgrade loses what newer revisions hold, and the functions may need it: "
            'roll back the functions instead, or say {"force": true}'
        )
    return command, revision
