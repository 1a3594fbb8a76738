"""The settings of the relay."""

from dataclasses import dataclass

from convoke.settings import OutboxSettings


@dataclass(frozen=True, kw_only=True)
class RelaySettings(OutboxSettings):
    """The environment variables that the relay reads."""

    relay_tick_seconds: int = 60
    relay_send_limit: int = 1_000
    #: Delivered and cancelled outbox rows, and notifications that were read, are kept this long.
    outbox_retention_days: int = 35
    notification_retention_days: int = 180
