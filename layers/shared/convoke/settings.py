"""Reads a function's settings from its environment variables; holds the settings that functions share.

Each function has its own class, which inherits the parts it needs: `convoke_api.settings`,
`convoke_worker.settings`, `convoke_relay.settings`; the migrator reads `DatabaseSettings` alone.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields


class SettingsError(ValueError):
    """An environment variable is missing or is not what it should be."""


@dataclass(frozen=True)
class DatabaseSettings:
    """The way to the database. Each field is the environment variable of the same name in capitals."""

    database_url: str
    #: The URL's user signs in with a token that IAM's credentials sign, in place of a password.
    database_iam: bool = False
    #: A secret of Secrets Manager with `username` and `password`: the migrator's way in.
    database_secret_arn: str = ""
    #: A PEM file with the authorities to trust, in place of those of Amazon RDS in `aws_region`.
    database_ca: str = ""
    #: Lambda sets it.
    aws_region: str = ""
    #: No statement and no wait for a response of the database takes longer.
    database_timeout_seconds: int = 20


@dataclass(frozen=True, kw_only=True)
class QueueSettings(DatabaseSettings):
    """The settings of each function that uses the notification queue."""

    queue_url: str = ""
    stage: str = "local"


@dataclass(frozen=True, kw_only=True)
class OutboxSettings(QueueSettings):
    """The settings of the functions that write outbox rows, or send their messages: API and relay."""

    #: The most recipients of one outbox row: the size of one delivery.
    recipients_per_row: int = 1_000
    #: The relay re-sends a message first after this time.
    first_retry_seconds: int = 120


@dataclass(frozen=True, kw_only=True)
class LocaleSettings:
    """The defaults of people without a locale or a time zone, for the API and the worker."""

    default_locale: str = "ru"
    default_time_zone: str = "UTC"


def read_settings[Settings: DatabaseSettings](
    kind: type[Settings], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings of one function; raises SettingsError with the name of the variable at fault."""
    values: dict[str, str | int | bool] = {}
    for field in fields(kind):
        name = field.name.upper()
        text = environment.get(name, "")
        if not text:
            continue
        if field.type is bool:
            values[field.name] = text.lower() in ("1", "true", "yes")
        elif field.type is int:
            try:
                values[field.name] = int(text)
            except ValueError as error:
                raise SettingsError(f"{name} must be a whole number") from error
        else:
            values[field.name] = text
    if "database_url" not in values:
        raise SettingsError("DATABASE_URL is not set")
    return kind(**values)  # type: ignore[arg-type]
