"""The migrator function: the deployment invokes it with {"command": "upgrade"} or {"command": "current"}."""

from typing import Any

from convoke.database import make_engine, transaction
from convoke.settings import read_settings

#: An index on a big table may take its time; Lambda ends the function after 15 minutes.
_TIMEOUT_SECONDS = 840


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns {"revision": …}. Raises ValueError for a command that does not exist."""
    # Loaded here, so that importing the package (the local stack does) stays cheap.
    from convoke_migrator import migrations

    commands = {"upgrade": migrations.upgrade, "current": migrations.current}
    chosen = commands.get(event.get("command", ""))
    if chosen is None:
        raise ValueError(f"the command must be one of: {', '.join(commands)}")
    engine = make_engine(
        read_settings().database_url, timeout_seconds=_TIMEOUT_SECONDS, application_name="convoke-migrator"
    )
    try:
        with transaction(engine) as connection:
            return {"revision": chosen(connection)}
    finally:
        engine.dispose()
