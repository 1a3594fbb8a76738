"""What the application works with, as the composition root hands it over."""

from dataclasses import dataclass

from convoke.observability import EphemeralMetrics, Logger
from convoke.queues import DeliveryQueue
from convoke.settings import Settings
from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the application."""

    engine: Engine
    queue: DeliveryQueue
    settings: Settings
    logger: Logger
    metrics: EphemeralMetrics
