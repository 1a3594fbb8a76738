"""What a function is told by its environment: read once, when the handler is composed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields


class SettingsError(ValueError):
    """An environment variable is missing or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the environment variable of the same name in capitals."""

    database_url: str
    #: The URL's user signs in with a token that IAM's credentials sign, in place of a password.
    database_iam: bool = False
    #: A secret of Secrets Manager with `username` and `password`: the migrator's way in.
    database_secret_arn: str = ""
    #: A PEM file with the authorities to trust, in place of those of Amazon RDS in `aws_region`.
    database_ca: str = ""
    #: Lambda sets it.
    aws_region: str = ""
    queue_url: str = ""
    stage: str = "local"
    #: Events that one caller may create in a window, and its length.
    create_quota: int = 60
    create_quota_seconds: int = 60
    #: What one caller may do in an hour: acts that notify others, and the notifications that they make.
    wave_quota: int = 600
    notification_quota: int = 50_000
    max_participants: int = 100_000
    #: How many recipients one outbox row names: the size of one delivery.
    recipients_per_row: int = 1_000
    default_locale: str = "ru"
    default_time_zone: str = "UTC"
    #: When the relay first doubts that a message arrived.
    first_retry_seconds: int = 120
    relay_tick_seconds: int = 60
    relay_send_limit: int = 1_000
    #: Delivered and cancelled outbox rows, and notifications that were read, are kept this long.
    outbox_retention_days: int = 35
    notification_retention_days: int = 180
    #: As in the queue's redrive policy: the worker records the failure on the last receive.
    max_receive_count: int = 5
    visibility_seconds: int = 180
    #: No statement and no wait for an answer of the database takes longer.
    database_timeout_seconds: int = 20


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environment`; raises SettingsError with the name of the variable at fault."""
    values: dict[str, str | int | bool] = {}
    for field in fields(Settings):
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
    return Settings(**values)  # type: ignore[arg-type]
