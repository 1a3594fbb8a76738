"""Holds what the application uses to reach the outside: database, queue, settings, logger, metrics."""

from dataclasses import dataclass

from convoke.observability import EphemeralMetrics, Logger
from convoke.queues import DeliveryQueue
from convoke.settings import Settings
from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the composition root passes to the application."""

    engine: Engine
    queue: DeliveryQueue
    settings: Settings
    logger: Logger
    metrics: EphemeralMetrics
