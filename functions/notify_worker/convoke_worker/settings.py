"""The settings of the worker."""

from dataclasses import dataclass

from convoke.settings import LocaleSettings, QueueSettings


@dataclass(frozen=True, kw_only=True)
class WorkerSettings(LocaleSettings, QueueSettings):
    """The environment variables that the worker reads."""

    #: As in the queue's redrive policy: the worker records the failure on the last receive.
    max_receive_count: int = 5
