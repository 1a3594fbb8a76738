"""Holds what the application uses to reach the outside: database, queue, settings, logger, metrics."""

from dataclasses import dataclass

from convoke.observability import EphemeralMetrics, Logger
from convoke.queues import DeliveryQueue
from sqlalchemy import Engine

from convoke_api.settings import ApiSettings


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the composition root passes to the application."""

    engine: Engine
    queue: DeliveryQueue
    settings: ApiSettings
    logger: Logger
    metrics: EphemeralMetrics
