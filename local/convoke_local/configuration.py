"""Read the configuration of the local stack from environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convoke_local.errors import LocalStackError

_DEFAULT_PORT = 8000
_DEFAULT_DATA_FOLDER = Path(__file__).parents[2] / ".convoke"
_RELAY_TICK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Configuration:
    """Hold the variables of the same names, and `environment`, which they were read from.

    CONVOKE_DATA_DIR: the data folder. CONVOKE_PORT: the port of the API (0: any free port).
    DATABASE_URL, AWS_ENDPOINT_URL_SQS: services to use instead of the embedded ones; None: none.
    CONVOKE_RELAY_TICK_SECONDS, CONVOKE_VISIBILITY_SECONDS: for tests that cannot wait; None: as in the
    template.
    """

    data_folder: Path
    port: int
    database_url: str | None
    sqs_endpoint_url: str | None
    relay_tick_seconds: int
    visibility_seconds: int | None
    environment: Mapping[str, str]

    @property
    def logs(self) -> Path:
        """Return the folder with a log for each function and one of the stack itself."""
        return self.data_folder / "logs"


def read_configuration(environment: Mapping[str, str]) -> Configuration:
    """Read the variables; raise LocalStackError with the name of an invalid one."""
    database_url = environment.get("DATABASE_URL") or None
    if database_url is not None and not database_url.startswith("postgresql://"):
        raise LocalStackError("DATABASE_URL must begin with postgresql://")
    return Configuration(
        data_folder=Path(environment.get("CONVOKE_DATA_DIR") or _DEFAULT_DATA_FOLDER).absolute(),
        port=_read_number(environment, "CONVOKE_PORT", 0, 65535, default=_DEFAULT_PORT),
        database_url=database_url,
        sqs_endpoint_url=environment.get("AWS_ENDPOINT_URL_SQS") or None,
        relay_tick_seconds=_read_number(
            environment, "CONVOKE_RELAY_TICK_SECONDS", 1, 3600, default=_RELAY_TICK_SECONDS
        ),
        # SQS allows 0 seconds to 12 hours; with 0 each message would be received by all pollers.
        visibility_seconds=_read_number(environment, "CONVOKE_VISIBILITY_SECONDS", 1, 43200, default=None),
        environment=environment,
    )


def _read_number[Default: int | None](
    environment: Mapping[str, str], name: str, least: int, most: int, *, default: Default
) -> int | Default:
    text = environment.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise LocalStackError(f"{name} must be a whole number from {least} to {most}")
    return int(text)
