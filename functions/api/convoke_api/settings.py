"""The settings of the API."""

from dataclasses import dataclass

from convoke.settings import LocaleSettings, OutboxSettings


@dataclass(frozen=True, kw_only=True)
class ApiSettings(LocaleSettings, OutboxSettings):
    """The environment variables that the API reads."""

    #: Events that one caller may create in a window, and its length.
    create_quota: int = 60
    create_quota_seconds: int = 60
    #: One caller's acts that notify others within an hour, and the notifications of these acts.
    wave_quota: int = 600
    notification_quota: int = 50_000
    max_participants: int = 100_000
